//! Compiles `proto/` to messages, gRPC code, and one trait and one client a service.

mod client;

use std::{error::Error, fs, path::PathBuf};

use prost::Message;

#[expect(clippy::print_stdout, reason = "how a build script talks to cargo")]
#[expect(clippy::disallowed_methods, reason = "how cargo tells a build script where to write")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from("../../proto");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "proto"));
    files.sort();
    let descriptors = protox::compile(&files, [&folder])?;
    let encoded =
        PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?).join("descriptors.bin");
    fs::write(encoded, descriptors.encode_to_vec())?;
    let grpc = tonic_prost_build::configure().service_generator();
    let mut config = prost_build::Config::new();
    config.service_generator(Box::new(client::Generator { grpc, imported: String::new() }));
    // A quote is kept with the order it became, so its messages can be stored; what goods share is written to files.
    let stored = [
        ".argosy.common.v1",
        ".argosy.pricing.v1",
        ".argosy.catalog.v1.AttributeDefinition",
        ".argosy.catalog.v1.SizeChart",
        ".argosy.catalog.v1.SizeChartRow",
        ".argosy.catalog.v1.Category",
        ".argosy.catalog.v1.Collection",
        ".argosy.catalog.v1.CollectionCondition",
        ".argosy.inventory.v1.Location",
    ];
    for package in stored {
        config.type_attribute(package, "#[derive(serde::Serialize, serde::Deserialize)] #[serde(default)]");
    }
    config.include_file("contracts.rs");
    config.compile_fds(descriptors)?;
    Ok(())
}
