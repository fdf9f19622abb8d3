#![doc = include_str!("../README.md")]

mod draft;
mod export;
mod formats;
mod import;
mod pictures;
mod problem;
mod source;

pub use crate::{
    export::{ExportFormat, ExportOptions, export},
    formats::Format,
    import::{ImportOptions, ImportReport, Importer, Progress},
    pictures::{FetchLimits, PictureMode, PictureOptions, PrivateAddresses},
    problem::Problem,
};
