//! Looking for neighbours with the button: on another machine in the room somebody shares, and nobody types an
//! address.

use crate::common::{Home, Node};
use crate::person::{Person, encoded};
use crate::{NAME, archive, room};

/// Both ways to look; and nobody there any more.
#[test]
fn a_share_is_found_by_the_button() {
    if !room::enter(module_path!(), "a_share_is_found_by_the_button") {
        return;
    }
    let archive = archive();
    let invite = encoded(&archive.publisher.invite(&[]));
    let host = Home::new();
    host.ok(&["import", &archive.publisher.beside("stick.car")]);
    let share = host.command(&["--json", "share", "--no-qr", "--interface", "wlan0"]);
    let share = Node::start(room::at_host(&share));
    share.wait(|e| e["event"] == "sharing");
    for how in ["ask", "listen"] {
        let guest = Person::start();
        let before = guest.everything();
        let empty = guest.post("fa/do/near", &format!("how={how}"));
        assert_eq!(empty.header("location"), Some("../1?n=archive"));
        let looked = guest.post("fa/do/near", &format!("how={how}&invite={invite}"));
        assert_eq!(looked.header("location"), Some("../8"));
        guest.wait(|page| page.contains("رسید و سنجیده شد"));
        assert!(guest.get("fa/").text().contains(NAME), "{how}");
        assert_eq!(guest.everything(), before, "{how}");
    }
    share.kill();
    let late = Person::start();
    late.post("fa/do/near", &format!("how=ask&invite={invite}"));
    late.wait(|page| page.contains("کسی در این نزدیکی پیدا نشد"));
}
