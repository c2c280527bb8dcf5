//! Files that a request names, loaded by the door just before they leave.

use super::read::{NotRead, Opened};
use super::take::unreadable;
use super::{MISSING, NOT_CLEANED, TOO_LARGE};
use crate::ids::ExchangeId;
use crate::metadata;
use crate::pipeline::Rooms;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connector_sdk::{Complaint, Content, Fault, Fill, NativeBody, NativeRequest, Text};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// Whose files exist, and how much of them the system takes.
#[derive(Clone, Copy)]
pub(crate) struct Reach<'a> {
    pub(crate) rooms: &'a Rooms,
    pub(crate) owner: Option<&'a str>,
    pub(crate) most: u64,
    /// Everything must be in memory, since the credentials sign the bytes.
    pub(crate) whole: bool,
}

/// A request with its files: small ones in it, large ones beside it, by the number of their part.
pub(crate) struct Loaded<'a> {
    pub(crate) request: Cow<'a, NativeRequest>,
    pub(crate) large: Vec<(usize, Arc<Opened>)>,
}

impl<'a> Loaded<'a> {
    fn all(request: Cow<'a, NativeRequest>) -> Self {
        Self {
            request,
            large: Vec::new(),
        }
    }
}

/// A request with its files loaded; unchanged when it names none.
pub(crate) async fn loaded<'a>(reach: Reach<'_>, request: &'a NativeRequest) -> Result<Loaded<'a>, Fault> {
    let mut parts = match &request.body {
        NativeBody::Multipart(parts) => parts.clone(),
        NativeBody::JsonFilled { value, fills } => {
            let body = with_files(reach, value, fills).await?;
            return Ok(Loaded::all(Cow::Owned(NativeRequest {
                body,
                ..request.clone()
            })));
        }
        NativeBody::Empty | NativeBody::Json(_) | NativeBody::Form(_) | NativeBody::Text { .. } => {
            return Ok(Loaded::all(Cow::Borrowed(request)));
        }
    };
    let mut large = Vec::new();
    for (number, part) in parts.iter_mut().enumerate() {
        let Content::File { id, strip_metadata } = &part.content else {
            continue;
        };
        let file = opened(reach, id).await?;
        part.media_type = Some(file.head().media_type.clone());
        if file.is_large() && !strip_metadata && !reach.whole {
            large.push((number, Arc::new(file)));
        } else {
            part.content = Content::Bytes(content(&file, *strip_metadata).await?);
        }
    }
    Ok(Loaded {
        request: Cow::Owned(NativeRequest {
            body: NativeBody::Multipart(parts),
            ..request.clone()
        }),
        large,
    })
}

/// A document with the files it asks for, in base64; what else is to be filled in stays.
async fn with_files(reach: Reach<'_>, value: &Value, fills: &[(String, Fill)]) -> Result<NativeBody, Fault> {
    let mut value = value.clone();
    let mut left = Vec::new();
    for (pointer, fill) in fills {
        let Fill::FileBase64 { id } = fill else {
            left.push((pointer.clone(), fill.clone()));
            continue;
        };
        let bytes = content(&opened(reach, id).await?, false).await?;
        let place = value.pointer_mut(pointer);
        *place.ok_or_else(|| unreadable("a member to fill in is not in the document"))? = STANDARD.encode(bytes).into();
    }
    Ok(NativeBody::JsonFilled { value, fills: left })
}

async fn content(file: &Opened, strip: bool) -> Result<Bytes, Fault> {
    let content = file.whole().await.map_err(|error| not_read(&error))?;
    if !strip {
        return Ok(content);
    }
    metadata::strip(&file.head().media_type, &content).ok_or_else(|| refused(NOT_CLEANED))
}

/// A file that exists for the owner and that the system could take.
async fn opened(reach: Reach<'_>, id: &str) -> Result<Opened, Fault> {
    let Ok(id) = id.parse::<ExchangeId>() else {
        return Err(refused(MISSING));
    };
    let found = Opened::open(reach.rooms, reach.owner, id).await;
    let file = found
        .map_err(|error| not_read(&error))?
        .ok_or_else(|| refused(MISSING))?;
    // Known without reading it.
    if file.head().size > reach.most {
        return Err(refused(TOO_LARGE));
    }
    Ok(file)
}

fn not_read(error: &NotRead) -> Fault {
    unreadable(&error.to_string())
}

fn refused(text: Text) -> Fault {
    Fault::invalid(vec![Complaint {
        pointer: "/lampiran".to_owned(),
        text,
    }])
}
