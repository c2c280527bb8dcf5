use super::*;
use crate::tests::{Door, call, reply, setup, setup_with};

fn page(id: u64, more: bool) -> Result<NativeReply, Fault> {
    let next = if more {
        json!("https://contoh.invalid/?page=9")
    } else {
        Value::Null
    };
    Ok(reply(
        &json!({"results": {"data": [{"id": id, "content": "x"}], "next_page_url": next}}),
    ))
}

async fn list(setup: &Arc<Setup>, pages: Vec<Result<NativeReply, Fault>>) -> (usize, Value) {
    let door = Door::playing(pages);
    let input = json!({"id_laporan": "7"});
    let answer = ListFollowUps::new(setup)
        .call(&call(), &input, &door)
        .await
        .expect("a list");
    (
        answer["butir"].as_array().expect("items").len(),
        answer["halaman_berikut"].clone(),
    )
}

#[tokio::test]
async fn all_pages_are_read() {
    assert_eq!(
        list(&setup(), vec![page(1, true), page(2, false)]).await,
        (2, Value::Null)
    );
}

#[tokio::test]
async fn a_repeated_page_ends_the_reading() {
    assert_eq!(
        list(&setup(), vec![page(1, true), page(1, true)]).await,
        (1, Value::Null)
    );
}

#[tokio::test]
async fn the_cap_ends_it_and_says_where_to_go_on() {
    let capped = setup_with(|settings| {
        settings["halaman_maksimum"] = json!(2);
    });
    assert_eq!(list(&capped, vec![page(1, true), page(2, true)]).await, (2, json!("3")));
}
