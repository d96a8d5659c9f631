//! A source is asked: redirects are followed, tries repeated, and a login is made once more where the platform
//! wants one. What is secret stands in no error.

use chrono::TimeDelta;
use reqwest::header::{ETAG, LAST_MODIFIED, LINK, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode};

use super::answer::{Answer, Page, header, next_link, unreachable, wait_of, was_reset};
use super::limit;
use super::login::{is_login_address, is_login_page};
use super::request::Ask;
use super::session::Session;
use crate::error::{Error, Result};

/// Redirects that are followed.
const HOPS: usize = 5;

/// Seconds that an answer may ask to wait within one fetch; who asks for more is asked at the next try.
const LONGEST_WAIT: i64 = 120;

/// Why a try brought nothing.
enum Failed {
    /// Another one makes no sense.
    Final(Error),
    /// It may pass: why, and how many seconds the answer asks to wait.
    Passing(String, Option<i64>),
}

impl Session<'_> {
    /// Asks, logging in again once where the platform wants that; none: nothing new.
    pub(super) async fn page(&mut self, ask: &Ask) -> Result<Option<Page>> {
        let source = self.source;
        let mut entered = false;
        loop {
            match self.ask(ask).await? {
                Answer::Page(page) => return Ok(Some(page)),
                Answer::Unchanged => return Ok(None),
                Answer::LoginWanted(why) => match &source.login {
                    Some(login) if !entered => {
                        entered = true;
                        login.enter(self).await?;
                    }
                    Some(_) => {
                        return Err(self.fault(&format!(
                            "{why} even after the login; check login.user, login.password and \
                             login.success"
                        )));
                    }
                    None => {
                        return Err(self.fault(&format!(
                            "{why} instead of the report; set [sources.login], bearer or \
                             basic_user, or name the address of the data in url"
                        )));
                    }
                },
            }
        }
    }

    /// Asks, again after a while where that may help.
    pub(super) async fn ask(&mut self, ask: &Ask) -> Result<Answer> {
        let most = self.source.retries.unwrap_or(3);
        let mut tried = 0;
        loop {
            match self.once(ask).await {
                Ok(answer) => return Ok(answer),
                Err(Failed::Final(error)) => return Err(error),
                Err(Failed::Passing(why, asked)) => {
                    let wait = asked.unwrap_or(1 << (2 * tried.min(5)));
                    if tried >= most || wait > LONGEST_WAIT {
                        return Err(self.fault(&match asked {
                            Some(wait) => format!("{why}, and asks to wait {wait} s"),
                            None => why,
                        }));
                    }
                    tried += 1;
                    tracing::debug!(source = self.source.name, wait, why, "asking again");
                    let until = self.clock.now() + TimeDelta::seconds(wait.max(0));
                    self.clock.spend_until(until).await;
                }
            }
        }
    }

    /// One try, with its redirects.
    async fn once(&mut self, ask: &Ask) -> Result<Answer, Failed> {
        let (mut url, mut body) = (ask.url.clone(), ask.body.as_deref());
        for _ in 0..HOPS {
            let host = url.host_str().unwrap_or_default().to_owned();
            let request = self.request(ask, &url, body);
            let answer = request.send().await;
            let answer = answer.map_err(|error| self.lost(&host, error))?;
            let status = answer.status();
            if status == StatusCode::NOT_MODIFIED {
                return Ok(Answer::Unchanged);
            }
            if !status.is_redirection() {
                return self.read(ask, &host, answer).await;
            }
            let to = header(answer.headers(), LOCATION).and_then(|to| url.join(&to).ok());
            let Some(to) = to else {
                let why = format!("{host} answered {status} without saying where to");
                return Err(self.end(&why));
            };
            if is_login_address(&to, self.source.login.as_ref()) {
                return Ok(Answer::LoginWanted(format!(
                    "{host} sends to its login page"
                )));
            }
            if ask.login {
                return Ok(Answer::Page(Page {
                    bytes: Vec::new(),
                    etag: None,
                    last_modified: None,
                    next: None,
                }));
            }
            let keeps = matches!(
                status,
                StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
            );
            let there = to.host_str().unwrap_or_default();
            if url.scheme() == "https" && to.scheme() != "https"
                || !matches!(to.scheme(), "http" | "https")
            {
                let why = format!("{host} sends to {there} without encryption, which is refused");
                return Err(self.end(&why));
            }
            if keeps && body.is_some() && !self.is_own(&to) {
                let why = format!(
                    "{host} sends a POST on to {there}, another host, which does not get what may be \
                     secret; set url to where the data is"
                );
                return Err(self.end(&why));
            }
            body = body.filter(|_| keeps);
            url = to;
        }
        let host = ask.url.host_str().unwrap_or_default();
        Err(self.end(&format!("{host} redirects more than {HOPS} times")))
    }

    fn end(&self, why: &str) -> Failed {
        Failed::Final(self.fault(why))
    }

    fn lost(&self, host: &str, error: reqwest::Error) -> Failed {
        let passing = !error.is_timeout() && (!error.is_connect() || was_reset(&error));
        let passing = passing && !error.is_builder();
        let why = unreachable(host, error);
        if passing {
            Failed::Passing(why, None)
        } else {
            self.end(&why)
        }
    }

    /// What the answer says, down to its last byte.
    async fn read(
        &mut self,
        ask: &Ask,
        host: &str,
        mut answer: Response,
    ) -> Result<Answer, Failed> {
        let status = answer.status();
        let refused = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        if refused && self.source.login.is_some() {
            return Ok(Answer::LoginWanted(format!("{host} answered {status}")));
        }
        if !status.is_success() {
            let why = format!("{host} answered {status}");
            let passing = matches!(status.as_u16(), 429 | 502 | 503 | 504);
            if passing {
                let asked = header(answer.headers(), RETRY_AFTER);
                let asked = asked.and_then(|text| wait_of(&text, self.clock.now()));
                return Err(Failed::Passing(why, asked));
            }
            return Err(self.end(&match status {
                _ if refused => {
                    format!("{why}; check bearer, basic_user, headers or [sources.sign]")
                }
                StatusCode::NOT_FOUND => format!("{why}; check url"),
                _ => why,
            }));
        }
        let (etag, last_modified) = (
            header(answer.headers(), ETAG),
            header(answer.headers(), LAST_MODIFIED),
        );
        let links = answer.headers().get_all(LINK);
        let next = links.iter().filter_map(|link| link.to_str().ok());
        let next = next.filter_map(next_link).next();
        let mut bytes = Vec::new();
        loop {
            let piece = answer.chunk().await;
            let Some(piece) = piece.map_err(|error| self.lost(host, error))? else {
                break;
            };
            bytes.extend_from_slice(&piece);
            if bytes.len() as u64 > self.left {
                let most = limit(self.source);
                return Err(self.end(&format!("the report is larger than max_bytes = {most}")));
            }
        }
        if !ask.login {
            if is_login_page(&bytes) {
                let why = format!("{host} answered with a login page");
                return Ok(Answer::LoginWanted(why));
            }
            self.left -= bytes.len() as u64;
        }
        Ok(Answer::Page(Page {
            bytes,
            etag,
            last_modified,
            next,
        }))
    }
}
