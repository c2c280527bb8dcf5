//! SS54: proxies that the environment names are not asked, whatever their spelling.

use crate::http::hurried;
use crate::wire::{call, send};
use crate::world::key;
use e2e::child::{Child, Lines};
use e2e::neighbours::Neighbours;
use e2e::setup::Setup;
use std::path::Path;
use tokio::net::TcpListener;

#[tokio::test(flavor = "multi_thread")]
async fn ss54_no_proxy_of_the_environment_is_asked() {
    let canary = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = format!("http://{}", canary.local_addr().unwrap());
    let names = [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ];
    let named: Vec<_> = names.iter().map(|name| ((*name).to_owned(), place.clone())).collect();
    let neighbours = Neighbours::start().await.unwrap();
    let setup = Setup::write(&neighbours, hurried).unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_simpul-uji"));
    let gateway = Child::start(binary, &setup, &Lines::default(), &named).unwrap();
    let public = gateway.gateway.replace("http://", "");
    let ask = call("GET", "/v1/perpustakaan/buku/9780000000002", &key("dinas-http"), "", "");
    tokio::select! {
        biased;
        _ = canary.accept() => panic!("the proxy was asked"),
        answer = send(&public, ask) => assert_eq!(answer.status, 200, "{}", answer.json()),
    }
}
