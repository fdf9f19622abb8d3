//! The service's reasons.

use argosy_kernel::{Code, Error, FileId, MediaId};

pub(crate) fn media_not_found(id: MediaId) -> Error {
    Error::not_found("MEDIA_NOT_FOUND", format!("there is no picture {id}"))
}

pub(crate) fn unsupported() -> Error {
    let message = "is not a picture in JPEG, PNG, WebP or GIF";
    Error::invalid("UNSUPPORTED_MEDIA", format!("the file {message}")).with_field("/content", message)
}

pub(crate) fn damaged(why: &image::ImageError) -> Error {
    Error::invalid("UNSUPPORTED_MEDIA", "the picture is damaged")
        .with_field("/content", "is damaged")
        .with_source(why.to_string())
}

pub(crate) fn too_large(what: &str) -> Error {
    Error::invalid("MEDIA_TOO_LARGE", format!("the picture has more than {what}"))
        .with_field("/content", format!("must have at most {what}"))
}

pub(crate) fn not_encoded(why: &str) -> Error {
    Error::new(Code::Internal, "INTERNAL", "a rendition could not be made").with_source(why.to_owned())
}

pub(crate) fn file_not_found(id: FileId) -> Error {
    Error::not_found("FILE_NOT_FOUND", format!("there is no file {id}"))
}

pub(crate) fn part_missing(digest: &str) -> Error {
    let short: String = digest.chars().take(64).collect();
    Error::precondition("PART_MISSING", format!("there is no part {short}: put it first"))
}

pub(crate) fn files_full(most: usize) -> Error {
    Error::precondition("FILES_FULL", format!("a variant may have at most {most} files"))
}

pub(crate) fn staff_only() -> Error {
    Error::new(Code::PermissionDenied, "STAFF_ONLY", "only staff may put files that are sold")
}
