#![doc = include_str!("../README.md")]

mod draft;
mod export;
mod formats;
mod import;
mod problem;
mod source;

pub use crate::{
    export::{ExportFormat, export},
    formats::Format,
    import::{ImportOptions, ImportReport, Importer, Progress},
    problem::Problem,
};
