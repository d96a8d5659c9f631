//! A mailbox as a source: attachments of mails that match a rule. It is opened read-only and nothing in it
//! changes, not even what is unread.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_imap::Session;
use chrono::{DateTime, Days, NaiveDate, Utc};
use futures::TryStreamExt as _;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessageParser, MimeHeaders as _, PartType};
use regex::{Regex, RegexBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use super::{Brought, Fetched, SourceSettings, limit};
use crate::error::{Error, Fault, Result};
use crate::report::folder::{Looked, may_be_report};

/// `[sources.mail]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// The server.
    pub host: String,
    /// Its port; 993 unless set.
    pub port: Option<u16>,
    /// Whether the connection is encrypted from the start; false to this machine only.
    pub tls: bool,
    /// The user.
    pub user: String,
    /// The password.
    pub password: Option<SecretString>,
    /// The folder; `INBOX` unless set.
    pub folder: Option<String>,
    /// What the sender's address holds; everybody's unless set.
    pub from: Option<String>,
    /// What the subject holds; any unless set.
    pub subject: Option<String>,
    /// The attachment's name, `*` standing for anything; any report unless set.
    pub attachment: Option<String>,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: None,
            tls: true,
            user: String::new(),
            password: None,
            folder: None,
            from: None,
            subject: None,
            attachment: None,
        }
    }
}

/// Mails of one look; a folder with more is not made for this.
const MOST: usize = 5_000;
/// Headers that are asked for at once.
const AT_ONCE: usize = 200;
/// Mails within each other that are looked into.
const DEEPEST: usize = 3;

trait Wire: AsyncRead + AsyncWrite + Unpin + std::fmt::Debug + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + std::fmt::Debug + Send> Wire for T {}

type Open = Session<Box<dyn Wire>>;

/// What is asked of the server, each within the source's time.
struct Mailbox<'a> {
    source: &'a SourceSettings,
    mail: &'a Mail,
}

impl Mailbox<'_> {
    fn fault(&self, what: &str) -> Error {
        Error::other(format!(
            "source {}: {} {what}",
            self.source.name, self.mail.host
        ))
    }

    async fn within<T, E: std::fmt::Display>(
        &self,
        step: impl Future<Output = std::result::Result<T, E>>,
        remedy: &str,
    ) -> Result<T> {
        let time = Duration::from_secs(self.source.timeout_s.unwrap_or(30));
        match tokio::time::timeout(time, step).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(self.fault(&format!("{remedy}: {error}"))),
            Err(_) => Err(self.fault("did not answer in time (timeout_s)")),
        }
    }

    async fn connect(&self) -> Result<Box<dyn Wire>> {
        let port = self.mail.port.unwrap_or(993);
        let remedy = "cannot be reached; check mail.host, mail.port and the network";
        let stream = TcpStream::connect((self.mail.host.as_str(), port));
        let stream = self.within(stream, remedy).await?;
        if !self.mail.tls {
            return Ok(Box::new(stream));
        }
        let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        if let Some(path) = &self.source.ca {
            let shown = format!("source {}: ca {}", self.source.name, path.display());
            let pem = tokio::fs::read(path)
                .await
                .map_err(Error::io(shown.clone()))?;
            let mut added = 0;
            for certificate in CertificateDer::pem_slice_iter(&pem).flatten() {
                added += usize::from(roots.add(certificate).is_ok());
            }
            if added == 0 {
                return Err(Error::other(format!(
                    "{shown}: holds no certificate; PEM is needed"
                )));
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| self.fault(&error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(self.mail.host.clone());
        let name = name.map_err(|_| self.fault("is no name of a server; check mail.host"))?;
        let connector = TlsConnector::from(Arc::new(config));
        let remedy = "offers no encrypted connection that is trusted; check mail.port, and, if its CA is \
                      your own, name the CA's PEM file in ca";
        let stream = self.within(connector.connect(name, stream), remedy).await?;
        Ok(Box::new(stream))
    }

    async fn open(&self) -> Result<(Open, u32)> {
        let mut client = async_imap::Client::new(self.connect().await?);
        let greeting = self.within(client.read_response(), "broke off").await?;
        if greeting.is_none() {
            return Err(self.fault("hung up without a word"));
        }
        let password = self
            .mail
            .password
            .as_ref()
            .map_or("", |p| p.expose_secret());
        let login = async {
            let done = client.login(&self.mail.user, password).await;
            done.map_err(|(error, _)| error)
        };
        let refused = "refuses the login; check mail.user and mail.password";
        let mut session = self.within(login, refused).await?;
        let folder = self.mail.folder.as_deref().unwrap_or("INBOX");
        let remedy = format!("does not open the folder {folder:?}; check mail.folder");
        let opened = self.within(session.examine(folder), &remedy).await?;
        Ok((session, opened.uid_validity.unwrap_or_default()))
    }

    /// The mails of the last days by their numbers, in the order in which they came.
    async fn search(&self, session: &mut Open, day: NaiveDate) -> Result<Vec<u32>> {
        // One day more: the server's days may begin at another hour.
        let back = Days::new(self.source.days.unwrap_or(14));
        let since = day.checked_sub_days(back).unwrap_or(day);
        let query = format!("SINCE {}", since.format("%d-%b-%Y"));
        let found = self
            .within(session.uid_search(query), "does not search")
            .await?;
        if found.len() > MOST {
            return Err(self.fault(&format!(
                "has more than {MOST} mails of these days; have rules of the mailbox put reports into a \
                 folder of their own (mail.folder), or set fewer days"
            )));
        }
        let mut found: Vec<u32> = found.into_iter().collect();
        found.sort_unstable();
        Ok(found)
    }

    /// Those of the mails that match the rule, with their sizes, and when they came.
    async fn matching(
        &self,
        session: &mut Open,
        numbers: &[u32],
    ) -> Result<Vec<(u32, u64, Option<DateTime<Utc>>)>> {
        let mut matching = Vec::new();
        for numbers in numbers.chunks(AT_ONCE) {
            let set: Vec<String> = numbers.iter().map(u32::to_string).collect();
            let asked = "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER])";
            let fetched = async {
                let stream = session.uid_fetch(set.join(","), asked).await?;
                stream.try_collect::<Vec<_>>().await
            };
            for one in self.within(fetched, "does not give the mails").await? {
                let (Some(number), Some(header)) = (one.uid, one.header()) else {
                    continue;
                };
                let parsed = MessageParser::default().parse_headers(header);
                if parsed.is_some_and(|parsed| self.fits(&parsed)) {
                    let size = one.size.map_or(0, u64::from);
                    let came = one.internal_date().map(|at| at.to_utc());
                    matching.push((number, size, came));
                }
            }
        }
        Ok(matching)
    }

    fn fits(&self, header: &Message<'_>) -> bool {
        let holds = |wanted: Option<&String>, text: &str| {
            wanted.is_none_or(|wanted| text.to_lowercase().contains(&wanted.to_lowercase()))
        };
        let from = header.from().and_then(|from| from.first()?.address());
        holds(self.mail.from.as_ref(), from.unwrap_or_default())
            && holds(
                self.mail.subject.as_ref(),
                header.subject().unwrap_or_default(),
            )
    }

    /// The attachments of a mail that are wanted; those that are too large are faults.
    fn reports(&self, bytes: &[u8], faults: &mut Vec<Fault>) -> Vec<(String, Vec<u8>)> {
        let wanted = self.mail.attachment.as_deref().and_then(pattern);
        let mut found = Vec::new();
        if let Some(parsed) = MessageParser::default().parse(bytes) {
            attachments(&parsed, 0, &mut found);
        }
        found.retain(|(name, bytes)| {
            let fits = wanted.as_ref().is_none_or(|wanted| wanted.is_match(name));
            let large = bytes.len() as u64 > limit(self.source);
            if fits && large {
                faults.push(too_large(self.source, name));
            }
            fits && !large
        });
        found
    }

    /// A mail, whole.
    async fn body(&self, session: &mut Open, number: u32) -> Result<Option<Vec<u8>>> {
        let fetched = async {
            let stream = session
                .uid_fetch(number.to_string(), "(UID BODY.PEEK[])")
                .await?;
            stream.try_collect::<Vec<_>>().await
        };
        let fetched = self.within(fetched, "does not give the mails").await?;
        let one = fetched.into_iter().find(|one| one.uid == Some(number));
        Ok(one.and_then(|one| one.body().map(<[u8]>::to_vec)))
    }
}

fn too_large(source: &SourceSettings, file: &str) -> Fault {
    let reason = format!("larger than max_bytes = {}", limit(source));
    Fault::new(reason).code("too_large").file(file)
}

/// The pattern of an attachment's name: `*` is anything.
fn pattern(text: &str) -> Option<Regex> {
    let parts: Vec<String> = text.split('*').map(regex::escape).collect();
    let pattern = format!("^{}$", parts.join(".*"));
    RegexBuilder::new(&pattern)
        .case_insensitive(true)
        .build()
        .ok()
}

/// The attachments of a mail that are reports, also of a mail within it: names and bytes as they were sent.
fn attachments(mail: &Message<'_>, depth: usize, into: &mut Vec<(String, Vec<u8>)>) {
    for part in mail.attachments() {
        if let PartType::Message(inner) = &part.body {
            if depth < DEEPEST {
                attachments(inner, depth + 1, into);
            }
            continue;
        }
        let Some(name) = part.attachment_name() else {
            continue;
        };
        // Some programs send a path.
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
        if !may_be_report(name) {
            continue;
        }
        let bytes = match &part.body {
            // The parser reads text by the encoding that the mail says; the report may say another.
            PartType::Text(_) | PartType::Html(_) => {
                let (from, to) = (part.offset_body as usize, part.offset_end as usize);
                let raw = mail.raw_message.get(from..to).unwrap_or_default();
                let decoded = match part.encoding {
                    Encoding::Base64 => base64_decode(raw),
                    Encoding::QuotedPrintable => quoted_printable_decode(raw),
                    Encoding::None => Some(raw.to_vec()),
                };
                decoded.unwrap_or_else(|| part.contents().to_vec())
            }
            _ => part.contents().to_vec(),
        };
        into.push((name.to_owned(), bytes));
    }
}

/// The attachments that were not taken yet, oldest mail first.
pub(super) async fn fetch(
    source: &SourceSettings,
    looked: &Looked,
    day: NaiveDate,
) -> Result<Brought> {
    let mail = source.mail.clone().unwrap_or_default();
    let mailbox = Mailbox {
        source,
        mail: &mail,
    };
    let (mut session, validity) = mailbox.open().await?;
    let numbers = mailbox.search(&mut session, day).await?;
    looked.keep_mails(&source.name, validity, &numbers.iter().copied().collect());
    let fresh: Vec<u32> = numbers
        .iter()
        .copied()
        .filter(|number| !looked.mail_done(&source.name, validity, *number))
        .collect();
    let matching = mailbox.matching(&mut session, &fresh).await?;
    let fits: HashSet<u32> = matching.iter().map(|(number, ..)| *number).collect();
    for number in fresh.iter().filter(|number| !fits.contains(number)) {
        looked.mail(&source.name, (validity, *number), &[]);
    }
    let mut brought = Brought::default();
    for (number, size, came) in matching {
        // An attachment is a third larger in the mail than by itself.
        if size / 2 > limit(source) {
            brought
                .faults
                .push(too_large(source, &format!("mail {number}")));
            looked.mail(&source.name, (validity, number), &[]);
        } else if let Some(bytes) = mailbox.body(&mut session, number).await? {
            let reports = mailbox.reports(&bytes, &mut brought.faults);
            let names: Vec<&str> = reports.iter().map(|(name, _)| name.as_str()).collect();
            let lies = looked.mail(&source.name, (validity, number), &names);
            let files = reports.into_iter().zip(lies);
            brought
                .files
                .extend(files.map(|((name, bytes), lies)| Fetched {
                    lies: Some(lies),
                    came,
                    ..Fetched::named(name, bytes)
                }));
        }
    }
    // Whether it says good-bye changes nothing.
    let _ = mailbox.within(session.logout(), "broke off").await;
    Ok(brought)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attachments_are_as_they_were_sent() {
        let table = "账号名称,错敏词\n示范发布,做为\n";
        let (gbk, _, _) = encoding_rs::GB18030.encode(table);
        let mut coded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &gbk);
        coded.insert(40, '\n');
        let inner = format!(
            "Subject: x\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\
             Content-Type: text/csv; name=\"c.csv\"\r\nContent-Disposition: attachment\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{coded}\r\n--i--\r\n"
        );
        let mail = format!(
            "From: =?gb2312?B?ytC08/r9vt0=?= <a@b.example>\r\nSubject: =?utf-8?B?5pel5oql?=\r\n\
             MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n\
             --o\r\nContent-Type: text/plain\r\n\r\nhello\r\n\
             --o\r\nContent-Type: text/csv; name=\"=?utf-8?B?5pel5oqlLmNzdg==?=\"\r\n\
             Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n{coded}\r\n\
             --o\r\nContent-Type: application/octet-stream\r\n\
             Content-Disposition: attachment; filename*=UTF-8''%E6%97%A5%E6%8A%A5.xlsx\r\n\
             Content-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\n\
             --o\r\nContent-Type: image/png; name=\"logo.png\"\r\n\
             Content-Disposition: attachment\r\n\r\nx\r\n\
             --o\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--o--\r\n"
        );
        let parsed = MessageParser::default().parse(mail.as_bytes()).unwrap();
        assert_eq!(parsed.subject(), Some("日报"));
        let mut found = Vec::new();
        attachments(&parsed, 0, &mut found);
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["日报.csv", "日报.xlsx", "c.csv"]);
        assert_eq!(found[0].1, gbk.as_ref());
        assert_eq!(found[1].1, b"PK\x03\x04");
        assert_eq!(found[2].1, gbk.as_ref());
    }

    #[test]
    fn a_name_is_matched_by_its_pattern() {
        let matches = |text: &str, name: &str| pattern(text).unwrap().is_match(name);
        assert!(matches("日报*.xlsx", "日报2021-06-30.XLSX"));
        assert!(!matches("日报*.xlsx", "月报.xlsx"));
        assert!(matches("a.csv", "A.csv") && !matches("a.csv", "abcsv"));
    }
}
