//! The demo's prompt: be anybody, move the clock. Lines become orders.

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::oneshot;

use super::director::{Order, Orders};

/// What can be typed.
const HELP: &str = "\
as N say 文字        第 N 个人说话，例如  as 1 say /status
as N press 按钮      按最后一条通知的按钮，例如  as 9 press 收到
as N reply 文字      回复最后一条通知，例如  as 9 reply 1 3 已改
as N photo 文字      回复并附一张照片，例如  as 9 photo 1 已修改
who                  有哪些人
next day             第二天早上
help  quit";

/// Reads lines and gives them as orders. The end of the input ends the demo, if anything was typed:
/// without a terminal the page goes on.
pub(super) async fn read(orders: Orders) {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut typed = false;
    // The city begins first.
    let mut order = Some(Order::Nothing);
    println!("{HELP}\n");
    loop {
        match order {
            Some(order) => {
                let (answer, done) = oneshot::channel();
                if orders.send((order, answer)).await.is_err() || done.await.is_err() {
                    return;
                }
            }
            None => println!("{HELP}"),
        }
        eprint!("duban> ");
        let line = lines.next_line().await.ok().flatten();
        order = match line.as_deref() {
            Some(line) => understand(line),
            None if typed => Some(Order::Quit),
            None => return,
        };
        typed = true;
    }
}

/// The order of a line; none: it is not understood.
fn understand(line: &str) -> Option<Order> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        [] => Some(Order::Nothing),
        ["quit" | "exit"] => Some(Order::Quit),
        ["who"] => Some(Order::Who),
        ["next", "day"] => Some(Order::NextDay),
        [
            "as",
            n,
            verb @ ("say" | "press" | "reply" | "photo"),
            rest @ ..,
        ] => {
            let n = n.parse().ok()?;
            Some(Order::Act(n, (*verb).to_owned(), rest.join(" ")))
        }
        _ => None,
    }
}
