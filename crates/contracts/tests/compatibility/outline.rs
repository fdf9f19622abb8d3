//! The contracts as lines: what is there, and what it looks like from the other end of a connection.
//!
//! `field argosy.cart.v1.CartLine 3 = quantity int64`. Before the equals sign stands what identifies a thing on the wire,
//! behind it what must stay as it is. A reader of a diff sees at once what changed.

use std::collections::BTreeMap;

use prost::Message;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueOptions, FieldDescriptorProto, FieldOptions,
    FileDescriptorSet, MessageOptions, MethodDescriptorProto, MethodOptions, field_descriptor_proto::Label,
    method_options::IdempotencyLevel,
};

/// What identifies each thing, and what it looks like.
pub(crate) type Outline = BTreeMap<String, String>;

/// The outline of an encoded `FileDescriptorSet`.
pub(crate) fn of_descriptors(encoded: &[u8]) -> Outline {
    let set = FileDescriptorSet::decode(encoded).unwrap();
    let mut outline = Outline::new();
    for file in &set.file {
        for message in &file.message_type {
            add_message(&mut outline, file.package(), message);
        }
        for one in &file.enum_type {
            add_enum(&mut outline, file.package(), one);
        }
        for service in &file.service {
            for method in &service.method {
                let key = format!("method {}.{}.{}", file.package(), service.name(), method.name());
                outline.insert(key, signature(method));
            }
        }
    }
    outline
}

/// The outline that lines say.
pub(crate) fn of_lines(lines: &str) -> Outline {
    let entries = lines.lines().filter(|line| !line.starts_with('#'));
    entries.filter_map(|line| line.split_once(" = ")).map(|(key, value)| (key.into(), value.into())).collect()
}

fn add_message(outline: &mut Outline, scope: &str, message: &DescriptorProto) {
    let name = format!("{scope}.{}", message.name());
    outline.insert(
        format!("message {name}"),
        note("there", message.options.as_ref().is_some_and(MessageOptions::deprecated)),
    );
    for field in &message.field {
        outline.insert(format!("field {name} {}", field.number()), shape(field, message));
    }
    for range in &message.reserved_range {
        for number in range.start()..range.end() {
            outline.insert(format!("reserved {name} {number}"), "there".to_owned());
        }
    }
    message.nested_type.iter().for_each(|inner| add_message(outline, &name, inner));
    message.enum_type.iter().for_each(|inner| add_enum(outline, &name, inner));
}

fn add_enum(outline: &mut Outline, scope: &str, one: &EnumDescriptorProto) {
    let name = format!("{scope}.{}", one.name());
    for value in &one.value {
        let deprecated = value.options.as_ref().is_some_and(EnumValueOptions::deprecated);
        outline.insert(format!("value {name} {}", value.number()), note(value.name(), deprecated));
    }
}

fn shape(field: &FieldDescriptorProto, message: &DescriptorProto) -> String {
    let kind = match field.type_name() {
        "" => field.r#type().as_str_name().trim_start_matches("TYPE_").to_lowercase(),
        named => named.trim_start_matches('.').to_owned(),
    };
    let mut shape = format!("{} {kind}", field.name());
    if field.label() == Label::Repeated {
        shape.push_str(" repeated");
    }
    if field.proto3_optional() {
        shape.push_str(" optional");
    } else if let Some(index) = field.oneof_index {
        let choice = usize::try_from(index).ok().and_then(|index| message.oneof_decl.get(index));
        shape.extend([" oneof ", choice.unwrap().name()]);
    }
    note(&shape, field.options.as_ref().is_some_and(FieldOptions::deprecated))
}

fn signature(method: &MethodDescriptorProto) -> String {
    let options = method.options.as_ref();
    let level = options.map_or(IdempotencyLevel::IdempotencyUnknown, MethodOptions::idempotency_level);
    let stream = |streams: bool| if streams { "stream " } else { "" };
    let signature = format!(
        "{}{} -> {}{} {}",
        stream(method.client_streaming()),
        method.input_type().trim_start_matches('.'),
        stream(method.server_streaming()),
        method.output_type().trim_start_matches('.'),
        level.as_str_name().to_lowercase()
    );
    note(&signature, options.is_some_and(MethodOptions::deprecated))
}

fn note(text: &str, deprecated: bool) -> String {
    if deprecated { format!("{text} deprecated") } else { text.to_owned() }
}
