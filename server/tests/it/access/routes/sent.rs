//! A request as the one that a path is for would send it.

use form_urlencoded::Serializer;
use reqwest::RequestBuilder;

use super::{
    table::{Row, Sends},
    targets::Target,
};
use crate::support::{Answer, Client, Raw, customers};

const BOUNDARY: &str = "----part";

pub(super) async fn send(client: &Client, row: &Row, target: &Target) -> Answer {
    let request = client.request(row.method(), &target.path);
    let request = if row.is_page() { request.header("accept", "text/html") } else { request };
    client.send(with_body(request, &row.sends, target)).await
}

fn with_body(request: RequestBuilder, sends: &Sends, target: &Target) -> RequestBuilder {
    match sends {
        Sends::Nothing => request,
        Sends::Json(document) => request.json(&document(target)),
        Sends::Form(fields) => {
            let body = Serializer::new(String::new()).extend_pairs(fields(target)).finish();
            request.header("content-type", "application/x-www-form-urlencoded").body(body)
        }
        Sends::File => request.body(customers(200)),
        Sends::Parts(fields) => {
            let mut body = String::new();
            for (name, value) in fields(target) {
                let part =
                    format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
                body.push_str(&part);
            }
            let file = String::from_utf8(customers(200)).unwrap();
            body.push_str(&format!(
                "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\n\
                 content-type: text/csv\r\n\r\n{file}\r\n--{BOUNDARY}--\r\n"
            ));
            request.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}")).body(body)
        }
        Sends::Upgrade => request
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    }
}

/// Asks for a path as it is written, which HTTP clients tidy up; gives the whole answer.
pub(super) async fn get_as_written(base: &str, path: &str, accept: &str) -> String {
    let (_, host) = base.split_once("://").unwrap();
    let mut connection = Raw::open(base).await;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\naccept: {accept}\r\nconnection: close\r\n\r\n");
    connection.send(request).await;
    connection.rest().await
}
