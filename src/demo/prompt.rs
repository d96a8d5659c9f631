//! The demo's prompt: be anybody, move the clock.

use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::Demo;
use crate::error::{Error, Result};

const HELP: &str = "\
as N say 文字        第 N 个人说话，例如  as 1 say /status
as N press 按钮      按最后一条通知的按钮，例如  as 9 press 收到
as N reply 文字      回复最后一条通知，例如  as 9 reply 1 3 已改
who                  有哪些人
next day             第二天早上
help  quit";

/// Reads lines until the end.
pub(super) async fn run(demo: &mut Demo) -> Result<()> {
    println!("{HELP}\n");
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        eprint!("duban> ");
        let line = lines
            .next_line()
            .await
            .map_err(Error::io("reading the prompt"))?;
        let Some(line) = line else { return Ok(()) };
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            ["quit" | "exit"] => return Ok(()),
            ["who"] => {
                for (n, (code, _)) in demo.chats.iter().enumerate() {
                    print!("{}={code}  ", n + 1);
                }
                println!("\nM 监管人员，O 运维人员，L 分管负责人；后面是单位编码");
            }
            ["next", "day"] => {
                demo.next_day().await?;
                demo.morning().await?;
            }
            ["as", n, verb @ ("say" | "press" | "reply"), rest @ ..] => {
                let at = n.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
                match at.and_then(|at| demo.chats.get(at)).map(|(_, chat)| *chat) {
                    Some(chat) => demo.act(chat, verb, &rest.join(" ")).await?,
                    None => println!("没有第 {n} 个人；发 who 查看"),
                }
            }
            _ => println!("{HELP}"),
        }
    }
}
