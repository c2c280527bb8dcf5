//! Rooms 10 and 11: what is known, what is new, what is refused.

use super::kit::{Verdict, accepted, at, check, fine, get, id, in_lane, new, same, text, until, with_key};
use crate::evidence::sha256;
use crate::exchange::{Key, LeaseRequest, NewExchange, State};
use crate::journal::{Acceptance, Filter, Journal};
use bytes::Bytes;

pub(super) async fn new_is_stored_whole(j: &dyn Journal) -> Verdict {
    let mut given = in_lane(1, "izin-1");
    given.reference = Some("A-1".into());
    given.key = Some(Key {
        key: "k".into(),
        fingerprint: sha256(b"k"),
    });
    given.seal = Some(Bytes::from_static(b"\x00wrapped"));
    given.trace = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into());
    given.at = fine(at(5));
    given.due = fine(at(9));
    given.cause = Some(id(99));
    let (answered, fence) = accepted(j, given.clone()).await?;
    same!(fence, None);
    for stored in [answered, get(j, 1).await?] {
        same!(stored.id, given.id);
        same!(stored.consumer, given.consumer);
        same!(stored.operation, given.operation);
        same!(stored.system, given.system);
        same!(stored.purpose, given.purpose);
        same!(stored.fingerprint, given.fingerprint);
        same!(stored.reference, given.reference);
        same!(stored.lane, given.lane);
        same!(stored.state, State::Accepted);
        same!((stored.attempts, stored.lookups), (0, 0));
        same!(stored.due, given.due);
        same!(stored.input, given.input);
        same!(stored.seal, given.seal);
        same!(stored.reply, None);
        same!(stored.fault, None);
        same!(stored.reason, None);
        same!(stored.trace, given.trace);
        same!(stored.cause, given.cause);
        same!(stored.created, given.at);
        same!(stored.changed, given.at);
    }
    check!(
        j.get(id(2)).await.map_err(|e| text(&e))?.is_none(),
        "an unknown id is not found"
    );
    Ok(())
}

pub(super) async fn same_key_is_known(j: &dyn Journal) -> Verdict {
    let (first, _) = accepted(j, with_key(1, "k")).await?;
    match j.accept(with_key(2, "k")).await.map_err(|e| text(&e))? {
        Acceptance::Known(stored) => same!(
            (stored.id, stored.seq, stored.input),
            (first.id, first.seq, first.input)
        ),
        other => return Err(format!("wanted Known, got {other:?}")),
    }
    check!(
        j.get(id(2)).await.map_err(|e| text(&e))?.is_none(),
        "the second is not stored"
    );
    Ok(())
}

pub(super) async fn other_content_under_a_key_is_refused(j: &dyn Journal) -> Verdict {
    accepted(j, with_key(1, "k")).await?;
    let mut other = with_key(2, "k");
    other.key = Some(Key {
        key: "k".into(),
        fingerprint: sha256(b"other"),
    });
    match j.accept(other).await.map_err(|e| text(&e))? {
        Acceptance::KeyMismatch(stored) => same!(stored.id, id(1)),
        other => return Err(format!("wanted KeyMismatch, got {other:?}")),
    }
    check!(
        j.get(id(2)).await.map_err(|e| text(&e))?.is_none(),
        "the refused one is not stored"
    );
    Ok(())
}

pub(super) async fn keys_belong_to_consumer_and_operation(j: &dyn Journal) -> Verdict {
    accepted(j, with_key(1, "k")).await?;
    accepted(
        j,
        NewExchange {
            consumer: "dinas-b".into(),
            ..with_key(2, "k")
        },
    )
    .await?;
    accepted(
        j,
        NewExchange {
            operation: "surat.kirim".into(),
            ..with_key(3, "k")
        },
    )
    .await?;
    accepted(j, with_key(4, "other")).await?;
    Ok(())
}

fn referred(n: u128, reference: &str) -> NewExchange {
    NewExchange {
        reference: Some(reference.into()),
        fingerprint: sha256(b"same"),
        ..new(n)
    }
}

pub(super) async fn same_reference_is_known(j: &dyn Journal) -> Verdict {
    accepted(j, referred(1, "A-1")).await?;
    // The consumer does not matter: the object is the same.
    match j
        .accept(NewExchange {
            consumer: "dinas-b".into(),
            ..referred(2, "A-1")
        })
        .await
        .map_err(|e| text(&e))?
    {
        Acceptance::Known(stored) => same!(stored.id, id(1)),
        other => return Err(format!("wanted Known, got {other:?}")),
    }
    accepted(
        j,
        NewExchange {
            operation: "surat.kirim".into(),
            ..referred(3, "A-1")
        },
    )
    .await?;
    accepted(j, referred(4, "A-2")).await?;
    Ok(())
}

pub(super) async fn other_content_under_a_reference_is_refused(j: &dyn Journal) -> Verdict {
    accepted(j, referred(1, "A-1")).await?;
    let other = NewExchange {
        fingerprint: sha256(b"other"),
        ..referred(2, "A-1")
    };
    match j.accept(other).await.map_err(|e| text(&e))? {
        Acceptance::ReferenceMismatch(stored) => same!(stored.id, id(1)),
        other => return Err(format!("wanted ReferenceMismatch, got {other:?}")),
    }
    Ok(())
}

pub(super) async fn a_key_used_for_a_known_reference_is_bound(j: &dyn Journal) -> Verdict {
    accepted(j, referred(1, "A-1")).await?;
    let key = |content: &[u8]| {
        Some(Key {
            key: "k".into(),
            fingerprint: sha256(content),
        })
    };
    let again = NewExchange {
        key: key(b"content"),
        ..referred(2, "A-1")
    };
    check!(
        matches!(j.accept(again).await, Ok(Acceptance::Known(_))),
        "the reference is known"
    );
    let other = NewExchange {
        key: key(b"other"),
        ..new(3)
    };
    check!(
        matches!(j.accept(other).await, Ok(Acceptance::KeyMismatch(_))),
        "the key is taken by then"
    );
    Ok(())
}

pub(super) async fn concurrent_accepts_of_a_key_store_one(j: &dyn Journal) -> Verdict {
    let all = futures_util::future::join_all((1..=24).map(|n| j.accept(with_key(n, "k")))).await;
    let mut fresh = 0;
    let mut ids = std::collections::BTreeSet::new();
    for acceptance in all {
        match acceptance.map_err(|e| text(&e))? {
            Acceptance::New(stored, _) => {
                fresh += 1;
                ids.insert(stored.id);
            }
            Acceptance::Known(stored) => {
                ids.insert(stored.id);
            }
            other => return Err(format!("wanted New or Known, got {other:?}")),
        }
    }
    same!((fresh, ids.len()), (1, 1));
    same!(j.list(Filter::default()).await.map_err(|e| text(&e))?.len(), 1);
    Ok(())
}

pub(super) async fn lease_on_accept(j: &dyn Journal) -> Verdict {
    let (stored, fence) = accepted(
        j,
        NewExchange {
            lease: Some(until(60)),
            ..new(1)
        },
    )
    .await?;
    same!((stored.state, stored.attempts), (State::Leased, 1));
    let Some(fence) = fence else {
        return Err("the lease was not given".into());
    };
    check!(fence > 0, "tokens are positive");
    let others = j.lease(until(90), at(1), 9, Vec::new()).await.map_err(|e| text(&e))?;
    check!(others.is_empty(), "nobody else gets it");
    j.renew(id(1), fence, at(120)).await.map_err(|e| text(&e))?;
    let owner = LeaseRequest {
        owner: "node-2/worker".into(),
        until: at(300),
    };
    let next = j.lease(owner, at(121), 9, Vec::new()).await.map_err(|e| text(&e))?;
    same!(next.len(), 1);
    same!((next[0].before, next[0].exchange.attempts), (State::Leased, 2));
    check!(next[0].fence > fence, "tokens rise");
    Ok(())
}

pub(super) async fn large_bodies_come_back(j: &dyn Journal) -> Verdict {
    let input: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let input = Bytes::from(input);
    accepted(
        j,
        NewExchange {
            input: input.clone(),
            ..new(1)
        },
    )
    .await?;
    check!(get(j, 1).await?.input == input, "three megabytes come back");
    Ok(())
}
