//! Photos and documents: sent by the bot, fetched by the bot.

use serde_json::{Value as Json, json};

use super::super::Sandbox;
use super::super::given::{Given, Uploads, field, formatted};
use super::super::refusal::Refusal;
use super::super::state::FileSeen;
use super::messages::{Content, post};

/// What a bot may send as a photo, and as a document, in bytes (Bot API, sending files).
const PHOTO: usize = 10 * 1024 * 1024;
const DOCUMENT: usize = 50 * 1024 * 1024;
/// What a bot may fetch, in bytes (Bot API, getFile).
const FETCH: usize = 20 * 1024 * 1024;

/// The file of a parameter: uploaded now (`attach://part`), or known by its id.
fn file(
    sandbox: &Sandbox,
    given: &Given,
    uploads: &Uploads,
    name: &str,
    most: usize,
) -> Result<(String, FileSeen), Refusal> {
    let value = field(given, name);
    if let Some(part) = value.strip_prefix("attach://") {
        let (file_name, bytes) = uploads
            .get(part)
            .ok_or_else(|| Refusal::bad(format!("attached file {part:?} is missing")))?;
        if bytes.is_empty() {
            return Err(Refusal::bad("file must be non-empty"));
        }
        if bytes.len() > most {
            return Err(Refusal(413, "Request Entity Too Large".to_owned(), None));
        }
        let seen = FileSeen {
            kind: name.to_owned(),
            name: file_name.clone(),
            bytes: bytes.clone(),
        };
        let mut state = sandbox.state();
        state.next_file += 1;
        let file_id = format!("bot-{name}-{}", state.next_file);
        state.files.insert(file_id.clone(), seen.clone());
        return Ok((file_id, seen));
    }
    let known = sandbox.state().files.get(value).cloned();
    let seen = known.ok_or_else(|| {
        Refusal::bad("wrong remote file identifier specified: Wrong string length")
    })?;
    Ok((value.to_owned(), seen))
}

fn caption(given: &Given) -> Result<(String, Vec<Json>), Refusal> {
    let (text, entities) = formatted(given, "caption")?;
    if text.encode_utf16().count() > 1024 {
        return Err(Refusal::bad("message caption is too long"));
    }
    Ok((text, entities))
}

fn content(given: &Given, seen: FileSeen, mut fields: Json) -> Result<Content, Refusal> {
    let (text, entities) = caption(given)?;
    if !text.is_empty() {
        fields["caption"] = text.clone().into();
    }
    if !entities.is_empty() {
        fields["caption_entities"] = entities.into();
    }
    Ok(Content {
        text,
        source: field(given, "caption").to_owned(),
        fields,
        file: Some(seen),
    })
}

/// Whether the bytes begin as a picture does.
fn is_picture(bytes: &[u8]) -> bool {
    let begins: [&[u8]; 4] = [b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"RIFF"];
    begins.iter().any(|begin| bytes.starts_with(begin))
}

pub(super) fn photo(sandbox: &Sandbox, given: &Given, uploads: &Uploads) -> Result<Json, Refusal> {
    let (file_id, seen) = file(sandbox, given, uploads, "photo", PHOTO)?;
    if !is_picture(&seen.bytes) {
        return Err(Refusal::bad("IMAGE_PROCESS_FAILED"));
    }
    let size = json!({
        "file_id": file_id, "file_unique_id": format!("u-{file_id}"),
        "width": 800, "height": 600, "file_size": seen.bytes.len(),
    });
    let content = content(given, seen, json!({ "photo": [size] }))?;
    post(sandbox, given, content)
}

pub(super) fn document(
    sandbox: &Sandbox,
    given: &Given,
    uploads: &Uploads,
) -> Result<Json, Refusal> {
    let (file_id, seen) = file(sandbox, given, uploads, "document", DOCUMENT)?;
    let document = json!({
        "file_id": file_id, "file_unique_id": format!("u-{file_id}"),
        "file_name": seen.name, "file_size": seen.bytes.len(),
    });
    let content = content(given, seen, json!({ "document": document }))?;
    post(sandbox, given, content)
}

pub(super) fn get(sandbox: &Sandbox, given: &Given) -> Result<Json, Refusal> {
    let file_id = field(given, "file_id");
    let state = sandbox.state();
    let seen = state.files.get(file_id);
    let seen = seen.ok_or_else(|| Refusal::bad("invalid file_id"))?;
    if seen.bytes.len() > FETCH {
        return Err(Refusal::bad("file is too big"));
    }
    Ok(json!({
        "file_id": file_id, "file_unique_id": format!("u-{file_id}"),
        "file_size": seen.bytes.len(), "file_path": format!("{}s/{file_id}", seen.kind),
    }))
}
