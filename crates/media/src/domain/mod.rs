//! What a picture is, and how a rendition is made of it: from bytes to bytes, without I/O.

mod picture;
mod rendition;

pub(crate) use self::{
    picture::{Picture, inspect},
    rendition::{Format, Quality, render, rendition_type},
};
