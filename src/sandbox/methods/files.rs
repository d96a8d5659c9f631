//! Photos, documents and their kind: sent by the bot one by one or as an album, replaced, fetched.

use serde_json::{Map, Value as Json, json};

use super::super::Sandbox;
use super::super::given::{Given, Uploads, field, id};
use super::super::limits::{limit, open};
use super::super::refusal::Refusal;
use super::super::state::FileSeen;
use super::changes;
use super::messages::{Content, caption, post, put};

/// What a bot may send as a photo, and as anything else, in bytes (Bot API, sending files).
const PHOTO: usize = 10 * 1024 * 1024;
const OTHER: usize = 50 * 1024 * 1024;
/// What a bot may fetch, in bytes (Bot API, getFile).
const FETCH: usize = 20 * 1024 * 1024;

/// What a file's name says of its content.
pub(in super::super) fn mime(name: &str) -> &'static str {
    let ending = name.rsplit('.').next().unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "pdf" => "application/pdf",
        "csv" => "text/csv",
        "txt" => "text/plain",
        "json" => "application/json",
        "zip" => "application/zip",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "mp4" => "video/mp4",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        _ => "application/octet-stream",
    }
}

/// The file of a value: uploaded now (`attach://part`), or known by its id.
fn file(
    sandbox: &Sandbox,
    value: &str,
    uploads: &Uploads,
    kind: &str,
) -> Result<(String, FileSeen), Refusal> {
    if let Some(part) = value.strip_prefix("attach://") {
        let (file_name, bytes) = uploads
            .get(part)
            .ok_or_else(|| Refusal::bad(format!("attached file {part:?} is missing")))?;
        if bytes.is_empty() {
            return Err(Refusal::bad("file must be non-empty"));
        }
        if bytes.len() > if kind == "photo" { PHOTO } else { OTHER } {
            return Err(Refusal(413, "Request Entity Too Large".to_owned(), None));
        }
        let seen = FileSeen {
            kind: kind.to_owned(),
            name: file_name.clone(),
            bytes: bytes.clone(),
        };
        let file_id = sandbox.state().keep("bot", seen.clone());
        return Ok((file_id, seen));
    }
    if value.starts_with("http://") || value.starts_with("https://") {
        return Err(Refusal::bad("wrong type of the web page content"));
    }
    let known = sandbox.state().files.get(value).cloned();
    let seen = known.ok_or_else(|| {
        Refusal::bad("wrong remote file identifier specified: Wrong string length")
    })?;
    Ok((value.to_owned(), seen))
}

/// The sizes of a photo, smallest first, as messages hold them; a refusal if it is no picture.
pub(in super::super) fn sizes(file_id: &str, bytes: &[u8]) -> Result<Json, Refusal> {
    let size = imagesize::blob_size(bytes).map_err(|_| Refusal::bad("IMAGE_PROCESS_FAILED"))?;
    if size.width + size.height > 10_000
        || size.width.max(size.height) > 20 * size.width.min(size.height)
    {
        return Err(Refusal::bad("PHOTO_INVALID_DIMENSIONS"));
    }
    let entry = |most: usize| {
        let longest = size.width.max(size.height).max(1);
        let shown = longest.min(most);
        json!({
            "file_id": file_id, "file_unique_id": format!("u-{file_id}"),
            "width": (size.width * shown / longest).max(1),
            "height": (size.height * shown / longest).max(1), "file_size": bytes.len(),
        })
    };
    Ok(json!([entry(90), entry(1280)]))
}

/// A file as messages hold it, under the field of its kind.
pub(in super::super) fn described(file_id: &str, seen: &FileSeen) -> Result<Json, Refusal> {
    if seen.kind == "photo" {
        return Ok(json!({ "photo": sizes(file_id, &seen.bytes)? }));
    }
    let mut body = json!({
        "file_id": file_id, "file_unique_id": format!("u-{file_id}"),
        "file_size": seen.bytes.len(), "mime_type": mime(&seen.name),
    });
    let more = match seen.kind.as_str() {
        "voice" => json!({ "duration": 1 }),
        "sticker" => json!({
            "type": "regular", "width": 512, "height": 512, "is_animated": false, "is_video": false,
        }),
        "video_note" => json!({ "length": 240, "duration": 1 }),
        "video" | "animation" => {
            json!({ "width": 640, "height": 360, "duration": 1, "file_name": seen.name })
        }
        "audio" => json!({ "duration": 1, "file_name": seen.name }),
        _ => json!({ "file_name": seen.name }),
    };
    if let (Some(body), Json::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    let mut fields = Map::new();
    fields.insert(seen.kind.clone(), body);
    Ok(Json::Object(fields))
}

fn content(given: &Given, file_id: &str, seen: FileSeen) -> Result<Content, Refusal> {
    let mut fields = described(file_id, &seen)?;
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

/// Sends one file of a kind; the kind is also the parameter's name.
pub(super) fn send(
    sandbox: &Sandbox,
    given: &Given,
    uploads: &Uploads,
    kind: &str,
) -> Result<Json, Refusal> {
    let (file_id, seen) = file(sandbox, field(given, kind), uploads, kind)?;
    let content = content(given, &file_id, seen)?;
    post(sandbox, given, content)
}

/// The content of an InputMedia.
fn medium(sandbox: &Sandbox, medium: &Json, uploads: &Uploads) -> Result<Content, Refusal> {
    let given = medium.as_object().cloned().unwrap_or_default();
    let kind = field(&given, "type").to_owned();
    let known = ["photo", "document", "video", "audio", "animation"];
    if !known.contains(&kind.as_str()) {
        return Err(Refusal::bad("type of the media is unknown"));
    }
    let (file_id, seen) = file(sandbox, field(&given, "media"), uploads, &kind)?;
    content(&given, &file_id, seen)
}

/// An album: two to ten files in one go, one message each.
pub(super) fn album(sandbox: &Sandbox, given: &Given, uploads: &Uploads) -> Result<Json, Refusal> {
    let media = given.get("media").and_then(Json::as_array);
    let media = media.cloned().unwrap_or_default();
    if !(2..=10).contains(&media.len()) {
        return Err(Refusal::bad("media group must include 2-10 items"));
    }
    let contents: Vec<Content> = media
        .iter()
        .map(|one| medium(sandbox, one, uploads))
        .collect::<Result<_, _>>()?;
    let now = sandbox.shared.clock.now_ms();
    let chat_id = id(given, "chat_id");
    let mut state = sandbox.state();
    open(&mut state, chat_id)?;
    limit(&mut state, chat_id, now)?;
    state.next_album += 1;
    let group = format!("{}", 13_000_000_000_u64 + state.next_album);
    let mut sent = Vec::new();
    for mut content in contents {
        content.fields["media_group_id"] = group.clone().into();
        sent.push(put(&mut state, given, content, now)?);
    }
    Ok(sent.into())
}

/// Another file in place of the one a message holds.
pub(super) fn edit(sandbox: &Sandbox, given: &Given, uploads: &Uploads) -> Result<Json, Refusal> {
    let media = given.get("media").cloned().unwrap_or_default();
    let content = medium(sandbox, &media, uploads)?;
    changes::edit(sandbox, given, Some(media.to_string()), |message| {
        let kinds = ["photo", "document", "video", "audio", "animation"];
        if let (Some(json), Json::Object(fields)) = (message.json.as_object_mut(), content.fields) {
            for name in kinds.iter().chain(&["caption", "caption_entities"]) {
                json.remove(*name);
            }
            json.extend(fields);
        }
        message.text = content.text;
        message.file = content.file;
    })
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
