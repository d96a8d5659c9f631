//! A mail server of Debian's, dovecot, in a folder of its own, with a mailbox that the story fills.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

/// Runs until it is dropped.
pub struct Mailbox {
    folder: tempfile::TempDir,
    child: Child,
    pub port: u16,
}

pub const PASSWORD: &str = "对 \"的\"";

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn id(flag: &str) -> String {
    let output = Command::new("id").arg(flag).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Mailbox {
    /// A server that speaks TLS with the certificate of `tests/sources`.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("mail")
            .tempdir_in("/tmp")
            .unwrap();
        let at = folder.path().display();
        // Nobody's mail is root's.
        let root = id("-u") == "0";
        let (user, group) = match root {
            true => ("nobody".to_owned(), "nogroup".to_owned()),
            false => (id("-un"), id("-gn")),
        };
        let certificates = format!("{}/tests/sources", env!("CARGO_MANIFEST_DIR"));
        let port = free_port();
        let config = format!(
            "base_dir = {at}/run\nstate_dir = {at}/state\nlog_path = {at}/log\nprotocols = imap\n\
             listen = 127.0.0.1\nssl = required\nssl_cert = <{certificates}/server.pem\n\
             ssl_key = <{certificates}/server.key\nmail_location = maildir:{at}/mail\n\
             default_internal_user = {user}\ndefault_internal_group = {group}\n\
             default_login_user = {user}\nfirst_valid_uid = 1\n\
             passdb {{\n  driver = passwd-file\n  args = {at}/users\n}}\n\
             userdb {{\n  driver = static\n  args = uid={user} gid={group} home={at}\n}}\n\
             service imap-login {{\n  chroot =\n  inet_listener imap {{\n    port = 0\n  }}\n  \
             inet_listener imaps {{\n    port = {port}\n    ssl = yes\n  }}\n}}\n\
             service anvil {{\n  chroot =\n}}\n"
        );
        for name in ["run", "state", "mail/new", "mail/cur", "mail/tmp"] {
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        std::fs::write(
            folder.path().join("users"),
            format!("office:{{PLAIN}}{PASSWORD}\n"),
        )
        .unwrap();
        std::fs::write(folder.path().join("conf"), config).unwrap();
        if root {
            own(folder.path());
        }
        let child = Command::new("/usr/sbin/dovecot")
            .arg("-F")
            .arg("-c")
            .arg(folder.path().join("conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mailbox = Self {
            folder,
            child,
            port,
        };
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return mailbox;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let log = std::fs::read_to_string(mailbox.folder.path().join("log"));
        panic!("dovecot does not answer: {log:?}");
    }

    /// A mail with one attachment that came at this time.
    pub fn deliver(&self, name: &str, from: &str, attachment: (&str, &str), at: SystemTime) {
        let (file, content) = attachment;
        let mail = format!(
            "From: <{from}>\r\nSubject: =?utf-8?B?5qOA5p+l5pel5oql?=\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n.\r\n\
             --b\r\nContent-Type: text/csv; charset=utf-8; name=\"{file}\"\r\n\
             Content-Disposition: attachment; filename=\"{file}\"\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\n{content}\r\n--b--\r\n"
        );
        let path = self.folder.path().join("mail/new").join(name);
        std::fs::write(&path, mail).unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(at).unwrap();
        own(self.folder.path());
    }

    /// The mails by the names of their files, which hold their flags.
    pub fn mails(&self) -> Vec<String> {
        let mut names = Vec::new();
        for folder in ["mail/new", "mail/cur"] {
            for entry in std::fs::read_dir(self.folder.path().join(folder)).unwrap() {
                names.push(entry.unwrap().file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        names
    }
}

fn own(folder: &Path) {
    if id("-u") == "0" {
        let mut chown = Command::new("chown");
        chown.arg("-R").arg("nobody:nogroup").arg(folder);
        assert!(chown.status().unwrap().success());
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}
