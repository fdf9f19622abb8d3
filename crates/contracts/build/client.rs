//! Generates, beside tonic's code, what the rest of the code uses: a trait to implement, and a client that
//! calls an implementation in this process directly or one elsewhere over gRPC.

use prost_build::{Method, Service, ServiceGenerator};
use prost_types::method_options::IdempotencyLevel;

pub(crate) struct Generator {
    pub(crate) grpc: Box<dyn ServiceGenerator>,
    /// Whose names are imported already: a package may have several services.
    pub(crate) imported: String,
}

impl ServiceGenerator for Generator {
    fn generate(&mut self, service: Service, code: &mut String) {
        if self.imported != service.package {
            code.push_str("use argosy_kernel::{Ctx, Result};\nuse argosy_platform::rpc;\n");
            self.imported.clone_from(&service.package);
        }
        code.push_str(&contract(&service));
        self.grpc.generate(service, code);
    }

    fn finalize(&mut self, code: &mut String) {
        self.grpc.finalize(code);
    }

    fn finalize_package(&mut self, package: &str, code: &mut String) {
        self.grpc.finalize_package(package, code);
    }
}

fn docs(comments: &prost_build::Comments, indent: &str) -> String {
    let lines: Vec<String> =
        comments.leading.iter().map(|line| format!("{indent}///{}\n", line.trim_end())).collect();
    if lines.is_empty() { format!("{indent}/// As the contract says.\n") } else { lines.concat() }
}

fn each(service: &Service, write: impl Fn(&Method) -> String) -> String {
    service.methods.iter().map(write).collect()
}

/// What a caller may do when an answer is lost, from the method's `idempotency_level`.
fn repeat(method: &Method) -> &'static str {
    match method.options.idempotency_level() {
        IdempotencyLevel::NoSideEffects | IdempotencyLevel::Idempotent => "Harmless",
        IdempotencyLevel::IdempotencyUnknown => "IfNotSent",
    }
}

fn contract(service: &Service) -> String {
    let name = &service.name;
    let module = name.to_lowercase();
    let about = docs(&service.comments, "");
    let declarations = each(service, |m| {
        let (about, method, input, output) =
            (docs(&m.comments, "    "), &m.name, &m.input_type, &m.output_type);
        format!("{about}    async fn {method}(&self, ctx: &Ctx, request: {input}) -> Result<{output}>;\n")
    });
    let calls = each(service, |m| {
        let (about, method, input, output) =
            (docs(&m.comments, "    "), &m.name, &m.input_type, &m.output_type);
        format!(
            "{about}    pub async fn {method}(&self, ctx: &Ctx, request: {input}) -> Result<{output}> {{
                 rpc::within_deadline(ctx, self.0.{method}(ctx, request)).await
             }}\n"
        )
    });
    let remote = each(service, |m| {
        let (method, input, output, repeat) = (&m.name, &m.input_type, &m.output_type, repeat(m));
        format!(
            "async fn {method}(&self, ctx: &Ctx, request: {input}) -> Result<{output}> {{
                 let send = |request| {{
                     let mut client = self.client.clone();
                     async move {{ client.{method}(request).await }}
                 }};
                 rpc::call(&self.channel, rpc::Repeat::{repeat}, ctx, request, send).await
             }}\n"
        )
    });
    let served = each(service, |m| {
        let (method, input, output) = (&m.name, &m.input_type, &m.output_type);
        format!(
            "async fn {method}(&self, request: tonic::Request<{input}>) -> Result<tonic::Response<{output}>, tonic::Status> {{
                 let (ctx, request) = rpc::incoming(request)?;
                 self.0.{method}(&ctx, request).await.map(tonic::Response::new).map_err(|error| rpc::status_of(&error))
             }}\n"
        )
    });
    format!(
        "{about}#[async_trait::async_trait]
        pub trait {name}Api: Send + Sync + 'static {{\n{declarations}}}
        {about}///\n/// Calls go straight to the implementation in this process, or over gRPC to another.
        #[derive(Clone)]
        pub struct {name}Client(std::sync::Arc<dyn {name}Api>);
        impl {name}Client {{
            /// The service's name in settings and addresses.
            pub const SERVICE: &'static str = \"{module}\";
            /// Calls an implementation in this process.
            pub fn local(service: impl {name}Api) -> Self {{ Self(std::sync::Arc::new(service)) }}
            /// Calls an implementation behind a channel.
            pub fn remote(channel: rpc::Channel) -> Self {{
                let client = {module}_client::{name}Client::new(channel.clone());
                let client = client.max_decoding_message_size(rpc::MESSAGE_BYTES_MAX);
                Self(std::sync::Arc::new({name}Remote {{ client, channel }}))
            }}
            /// Serves what this client calls to other processes.
            pub fn add_to(&self, routes: &mut rpc::Routes) {{
                let server = {module}_server::{name}Server::new({name}Served(self.clone()));
                routes.add_service(server.max_decoding_message_size(rpc::MESSAGE_BYTES_MAX));
            }}
            {calls}
        }}
        struct {name}Remote {{ client: {module}_client::{name}Client<rpc::Channel>, channel: rpc::Channel }}
        #[async_trait::async_trait]
        impl {name}Api for {name}Remote {{ {remote} }}
        struct {name}Served({name}Client);
        #[async_trait::async_trait]
        impl {module}_server::{name} for {name}Served {{ {served} }}\n"
    )
}
