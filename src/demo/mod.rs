//! `duban demo`: the whole main job with nothing to configure. The program runs against the Bot API
//! sandbox and a report server of its own; people are scripted, or played in the browser and at the
//! prompt.

mod city;
mod director;
mod people;
mod prompt;
mod reports;
mod shelf;
mod stage;
mod wall;
mod web;

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::net::TcpListener;

use crate::error::{Error, Result};
use stage::Demo;

/// What `duban demo` can be told.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Play with scripted people, print what happens, and end
    #[arg(long)]
    headless: bool,
    /// How many days --headless plays
    #[arg(long, default_value_t = 5)]
    days: u32,
    /// The folder for the demo's own database; it is begun anew each time
    #[arg(long, default_value = "data/demo")]
    folder: PathBuf,
    /// Where the page is served; 127.0.0.1:8686 unless that is taken
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// A further name by which the page may be asked for, besides those of this machine
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Do not open a browser
    #[arg(long)]
    no_open: bool,
}

/// Where the page is looked for first.
const USUAL: &str = "127.0.0.1:8686";

async fn listener(asked: Option<SocketAddr>) -> Result<TcpListener> {
    if let Some(listen) = asked {
        let about = Error::io(format!("--listen {listen}"));
        return TcpListener::bind(listen).await.map_err(about);
    }
    if let Ok(listener) = TcpListener::bind(USUAL).await {
        return Ok(listener);
    }
    let about = Error::io("a free port of 127.0.0.1");
    TcpListener::bind("127.0.0.1:0").await.map_err(about)
}

/// Runs the demo; true when it went well.
pub async fn run(options: Options) -> Result<bool> {
    println!(
        "督办 duban 演示：一座示范城市，60 家网站，422 个政务新媒体（数据取自 2021 年第二季度通报，其余虚构）"
    );
    let asked = match options.headless {
        // Nobody looks: any free port will do.
        true => Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        false => options.listen,
    };
    let listener = listener(asked).await?;
    let mut demo = Demo::new(&listener, options.folder.clone())?;
    if options.headless {
        demo.sandbox
            .serve(listener, web::reports(demo.shelf.clone()), &[]);
        demo.begin().await?;
        for _ in 0..options.days {
            demo.scripted_day().await?;
        }
        demo.closing().await?;
        demo.end().await;
        return Ok(true);
    }
    let url = format!("{}/", demo.sandbox.api_url());
    println!("网页 {url}");
    let (director, orders) = director::new(demo);
    let beside = web::router(&director, orders.clone());
    director
        .demo
        .sandbox
        .serve(listener, beside, &options.hosts);
    if !options.no_open && std::io::stdout().is_terminal() {
        // A machine without a browser has the address.
        let _ = open::that_detached(&url);
    }
    tokio::spawn(prompt::read(orders));
    director.run().await?;
    Ok(true)
}
