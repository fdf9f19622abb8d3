//! What a picture is, and how a rendition is made of it: from bytes to bytes, without I/O.

mod picture;
mod rendition;

pub(crate) use self::{
    picture::{Picture, inspect},
    rendition::{Format, Quality, can_be_webp, render, rendition_type},
};
