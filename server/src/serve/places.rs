//! Places for connections: so many in all, and so many for one address, so that one client cannot take them all.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ipnet::IpNet;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// All places of a server.
#[derive(Clone)]
pub struct Places {
    all: Arc<Semaphore>,
    addresses: Arc<Addresses>,
}

struct Addresses {
    max: usize,
    not_counted: Vec<IpNet>,
    taken: Mutex<HashMap<IpAddr, Taken>>,
}

/// What one address has.
struct Taken {
    places: usize,
    /// That it has no more is logged once, not for each connection that is refused.
    told: bool,
}

impl Places {
    /// `all` places, of which one address may have `per_address`. Addresses in `not_counted` may have all: behind a
    /// proxy's address are many people.
    pub fn new(all: usize, per_address: usize, not_counted: Vec<IpNet>) -> Self {
        let addresses = Addresses { max: per_address, not_counted, taken: Mutex::default() };
        Self { all: Arc::new(Semaphore::new(all)), addresses: Arc::new(addresses) }
    }

    /// Waits until one is free.
    pub(super) async fn free(&self) -> FreePlace {
        let place = Arc::clone(&self.all).acquire_owned().await.expect("the semaphore is never closed");
        FreePlace { place, addresses: Arc::clone(&self.addresses) }
    }
}

/// A place that nobody has taken yet; it is free again when this is dropped.
pub(super) struct FreePlace {
    place: OwnedSemaphorePermit,
    addresses: Arc<Addresses>,
}

impl FreePlace {
    /// The place, taken by this address; `None` when it has as many as it may have.
    pub(super) fn of(self, address: IpAddr) -> Option<Place> {
        let client = client(address);
        let counted = self.addresses.not_counted.iter().all(|network| !network.contains(&address.to_canonical()));
        if counted && !self.addresses.take(client) {
            return None;
        }
        let counted = counted.then(|| (client, Arc::clone(&self.addresses)));
        Some(Place { _place: self.place, counted })
    }
}

/// A place of a connection, until it is dropped.
pub(super) struct Place {
    _place: OwnedSemaphorePermit,
    counted: Option<(IpAddr, Arc<Addresses>)>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((client, addresses)) = &self.counted {
            addresses.give_back(*client);
        }
    }
}

impl Addresses {
    fn take(&self, client: IpAddr) -> bool {
        let mut taken = self.taken();
        let of_client = taken.entry(client).or_insert(Taken { places: 0, told: false });
        if of_client.places < self.max {
            of_client.places += 1;
            return true;
        }
        if !std::mem::replace(&mut of_client.told, true) {
            tracing::warn!(%client, connections = self.max, "an address has as many connections as connections_per_address allows");
        }
        false
    }

    fn give_back(&self, client: IpAddr) {
        if let Entry::Occupied(mut of_client) = self.taken().entry(client) {
            of_client.get_mut().places -= 1;
            if of_client.get().places == 0 {
                of_client.remove();
            }
        }
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, Taken>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whom an address stands for: of IPv6, a household or a machine has a whole /64.
fn client(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn take(places: &Places, address: &str) -> Option<Place> {
        places.free().await.of(address.parse().unwrap())
    }

    #[tokio::test]
    async fn one_address_cannot_take_all_places() {
        let places = Places::new(100, 2, Vec::new());
        let first = take(&places, "192.0.2.1").await.expect("a place");
        let _second = take(&places, "192.0.2.1").await.expect("a place");
        assert!(take(&places, "192.0.2.1").await.is_none());
        // The same address, as a listener on [::] sees it.
        assert!(take(&places, "::ffff:192.0.2.1").await.is_none());
        let _other = take(&places, "192.0.2.2").await.expect("a place");
        drop(first);
        assert!(take(&places, "192.0.2.1").await.is_some());
    }

    #[tokio::test]
    async fn a_network_of_ipv6_counts_as_one_client() {
        let places = Places::new(100, 1, Vec::new());
        let _place = take(&places, "2001:db8:0:1::1").await.expect("a place");
        assert!(take(&places, "2001:db8:0:1:ffff::2").await.is_none());
        assert!(take(&places, "2001:db8:0:2::1").await.is_some());
    }

    #[tokio::test]
    async fn who_is_not_counted_may_have_them_all_and_nobody_more_than_there_are() {
        let places = Places::new(3, 1, vec!["10.0.0.0/8".parse().unwrap()]);
        let mut taken = Vec::new();
        for _ in 0..3 {
            taken.push(take(&places, "10.1.2.3").await.expect("a place"));
        }
        assert!(futures::FutureExt::now_or_never(places.free()).is_none());
        taken.clear();
        assert!(places.addresses.taken().is_empty());
        assert!(futures::FutureExt::now_or_never(places.free()).is_some());
    }
}
