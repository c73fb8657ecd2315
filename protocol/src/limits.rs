//! Every bound of the formats, in one place (spec: encoding.md, "Limits").
//! A test compares these numbers with the table of the spec.

/// One block, plain, in bytes. Stops endless data: nothing larger is ever buffered.
pub const MAX_BLOCK_BYTES: usize = 262_144;
/// An encoded head, in bytes.
pub const MAX_HEAD_BYTES: usize = 262_144;
/// An encoded bulletin (fork proof and urgent notices of an archive), in bytes: with the archive
/// id it takes the room of a head.
pub const MAX_BULLETIN_BYTES: usize = 262_112;
/// A signed payload (trust root or release), in bytes.
pub const MAX_PAYLOAD_BYTES: usize = 65_536;
/// CBOR nesting. Stops stack exhaustion by `0x81` repeated.
pub const MAX_DEPTH: usize = 16;
/// Signatures in one envelope. Each costs a verification.
pub const MAX_SIGNATURES: usize = 32;
/// Keys in a role.
pub const MAX_ROLE_KEYS: usize = 16;
/// Trust roots in a head.
pub const MAX_ROOTS: usize = 256;
/// Parts in a release.
pub const MAX_PARTS: usize = 32;
/// Archive name, in bytes of UTF-8.
pub const MAX_NAME_BYTES: usize = 200;
/// Path, in bytes of UTF-8.
pub const MAX_PATH_BYTES: usize = 512;
/// One segment of a path, in bytes of UTF-8. Below the 255 of common file systems, so that a
/// suffix for a temporary name still fits.
pub const MAX_SEGMENT_BYTES: usize = 240;
/// Segments of a path.
pub const MAX_PATH_DEPTH: usize = 32;
/// Media type, in bytes.
pub const MAX_MEDIA_BYTES: usize = 64;
/// Items in a tree node; with the longest paths such a node still fits one block.
pub const MAX_NODE_ENTRIES: usize = 256;
/// Items in a block list node.
pub const MAX_LIST_ENTRIES: usize = 512;
/// Level of a tree or block list node; 2^12 items are reached even if every node had two.
pub const MAX_TREE_LEVEL: u64 = 12;
/// One file, in bytes (1 TiB).
pub const MAX_FILE_BYTES: u64 = 1_099_511_627_776;
/// Withdrawals that a release lists. With the longest entries they fill most of a payload.
pub const MAX_WITHDRAWN: usize = 1_024;
/// Withdrawals in one urgent notice.
pub const MAX_NOTICE_WITHDRAWN: usize = 64;
/// Notices in a bulletin, and notices that a node keeps of an archive.
pub const MAX_NOTICES: usize = 64;
/// An encoded fork proof, in bytes.
pub const MAX_FORK_BYTES: usize = 131_072;
/// Payloads between the agreed release and the signed one, in a branch of a fork proof.
pub const MAX_BETWEEN: usize = 256;
/// Releases followed back from a candidate to the trusted one.
pub const MAX_ANCESTORS: u64 = 4_096;
/// A sync frame without its length field: a block with its id and a few bytes.
pub const MAX_FRAME_BYTES: usize = 262_400;
/// Plain bytes of a bundle of small blocks, with what stands in front of each (SYNC-12).
pub const MAX_BUNDLE_BYTES: usize = 262_144;
/// The longest block that may be in a bundle: the larger ones gain little from company.
pub const MAX_BUNDLED_BLOCK: usize = 16_384;
/// Block ids in one want or missing frame, and blocks in one bundle.
pub const MAX_WANTS_PER_FRAME: usize = 512;
/// Unanswered block ids on one stream. Bounds what a responder must remember (36 bytes each).
pub const MAX_OUTSTANDING_WANTS: usize = 2_048;
/// A gossip message with its kind byte. What is larger travels by exchange only.
pub const MAX_GOSSIP_BYTES: usize = 16_384;
/// A proof file, in bytes. The file that it is about is held in memory.
pub const MAX_PROOF_BYTES: usize = 16_777_216;
/// Volumes of a split carrier.
pub const MAX_VOLUMES: usize = 999;
/// Volumes of a set with parity, those of parity included.
pub const MAX_PARITY_VOLUMES: usize = 256;
/// One row of regions of all volumes, in bytes: what is in memory when parity is made or used, about twice.
pub const MAX_PARITY_ROW_BYTES: usize = 33_554_432;
/// Regions of all volumes of a set with parity (512 GiB in regions of a block's size).
pub const MAX_PARITY_REGIONS: u64 = 2_097_152;
/// A have file, in bytes.
pub const MAX_HAVE_BYTES: usize = 262_144;
/// Releases that a have file speaks of.
pub const MAX_HAVE_STATES: usize = 2;
/// Lacking structure blocks of one part in a have file, at 8 bytes each.
pub const MAX_HAVE_NODES: usize = 8_192;
/// Lacking content blocks of one part in a have file, at 10 bits each at most.
pub const MAX_HAVE_BLOCKS: usize = 131_072;
/// A static head, in bytes: head, bulletin, and the catalogs' names.
pub const MAX_STATIC_HEAD_BYTES: usize = 526_336;
/// Catalogs of a static mirror.
pub const MAX_CATALOGS: usize = 16;
/// A catalog, in bytes.
pub const MAX_CATALOG_BYTES: usize = 262_144;
/// Packs in a catalog: with all catalogs 16384 packs, some 256 GiB of blocks as stored.
pub const MAX_CATALOG_PACKS: usize = 1_024;
/// A pack, in bytes: below what free web hosts take as one file.
pub const MAX_PACK_BYTES: usize = 16_777_216;
/// The index of a pack, in bytes.
pub const MAX_PACK_INDEX_BYTES: usize = 1_048_576;
/// Blocks of a pack.
pub const MAX_PACK_BLOCKS: usize = 16_384;
/// A member of a pack, in bytes, plain or stored.
pub const MAX_MEMBER_BYTES: usize = 262_144;
/// Blocks of a member of a pack.
pub const MAX_MEMBER_BLOCKS: usize = 512;
/// An invite, in bytes of text.
pub const MAX_INVITE_BYTES: usize = 2_048;
/// Addresses in an invite, of all kinds together.
pub const MAX_INVITE_ADDRESSES: usize = 8;
/// A web address, or an address in the list of mirrors of a release, in bytes.
pub const MAX_PLACE_BYTES: usize = 512;
/// Words of a spoken invite, check words among them (INV-10).
pub const MAX_SPOKEN_WORDS: usize = 96;
/// Addresses in a spoken invite (INV-9).
pub const MAX_SPOKEN_ADDRESSES: usize = 4;
/// The list of mirrors of a release, in bytes (MIR-1).
pub const MAX_MIRRORS_BYTES: usize = 16_384;
/// Addresses in the list of mirrors of a release (MIR-2).
pub const MAX_MIRRORS: usize = 64;

/// Archives that a node recognises in beacons. Each costs a keyed hash for a datagram.
pub const MAX_BEACON_ARCHIVES: usize = 64;
/// Datagrams looked at in a second, whoever sent them (BEA-13).
pub const MAX_BEACON_LOOKS: u32 = 2_000;
/// Datagrams looked at at once for one class of sources.
pub const MAX_BEACON_CLASS_BURST: u32 = 16;
/// Datagrams looked at in a second for one class of sources, after a burst.
pub const MAX_BEACON_CLASS_LOOKS: u32 = 8;
/// Answers to asks in a second (BEA-10).
pub const MAX_BEACON_ANSWERS: u32 = 32;
/// Answers at once for one class of sources.
pub const MAX_BEACON_CLASS_ANSWER_BURST: u32 = 4;
/// Answers in a second for one class of sources, after a burst.
pub const MAX_BEACON_CLASS_ANSWERS: u32 = 2;
/// Asks to single announcers in a second (BEA-11).
pub const MAX_BEACON_CHECKS: u32 = 16;
/// Asks to one announcer before it is forgotten.
pub const MAX_BEACON_TRIES: u32 = 3;
/// Announcers that wait for their check.
pub const MAX_BEACON_HEARD: usize = 64;
/// Candidates: announcers that answered.
pub const MAX_BEACON_CANDIDATES: usize = 64;
/// Candidates that were dialled and have the archive.
pub const MAX_BEACON_PROVED: usize = 32;
/// Announcers and candidates of one address.
pub const MAX_BEACON_PER_ADDRESS: usize = 2;
/// Salts remembered of the datagrams sent, and of those recognised (BEA-7).
pub const MAX_BEACON_SALTS: usize = 256;
/// Own addresses from which beacons are sent.
pub const MAX_BEACON_ADDRESSES: usize = 32;
/// Default gateways that are asked.
pub const MAX_BEACON_GATEWAYS: usize = 4;

/// Slots of a beacon, each for one archive or random (BEA-1).
pub const BEACON_SLOTS: usize = 8;
/// Classes that sources of beacons fall into (BEA-13).
pub const BEACON_CLASSES: usize = 4_096;
/// First pause between two beacons, in milliseconds (BEA-8).
pub const BEACON_FIRST_MS: u64 = 1_000;
/// Longest pause between two beacons, in milliseconds.
pub const BEACON_LONGEST_MS: u64 = 60_000;
/// The first beacon waits at most this long, in milliseconds, so that not all answer an event at once.
pub const BEACON_SPREAD_MS: u64 = 250;
/// A candidate is checked and told again after this, in milliseconds (BEA-14).
pub const BEACON_AGAIN_MS: u64 = 60_000;
/// What was not heard for so long is forgotten, in milliseconds; also the longest wait after failures.
pub const BEACON_FORGET_MS: u64 = 600_000;

/// Bytes of the carrier in a line of a courier (COU-2).
pub const COURIER_LINE_BYTES: usize = 100;
/// Lines of a courier (COU-3).
pub const MAX_COURIER_LINES: u16 = 1_024;
/// Bytes of a courier's carrier (COU-3).
pub const MAX_COURIER_BYTES: usize = 102_400;
/// A text that is searched for couriers, in bytes (COU-6).
pub const MAX_COURIER_TEXT_BYTES: usize = 1_048_576;
/// Couriers in one text (COU-6).
pub const MAX_COURIER_TEXTS: usize = 16;

/// Addresses in a record of a node (PEER-2).
pub const MAX_PEER_ADDRESSES: usize = 8;
/// A signed record of a node, in bytes.
pub const MAX_PEER_RECORD_BYTES: usize = 512;
/// Records in one list (PEER-5).
pub const MAX_PEER_LIST: usize = 16;
/// A list of records, in bytes.
pub const MAX_PEER_LIST_BYTES: usize = 8_448;
/// Records with public addresses that a node remembers (PEER-8).
pub const MAX_PEERS_GLOBAL: usize = 256;
/// Records that a node remembers of one LAN.
pub const MAX_PEERS_LAN: usize = 64;
/// LANs that a node remembers.
pub const MAX_PEER_LANS: usize = 16;
/// Unproved records remembered of one class of tellers.
pub const MAX_PEERS_PER_TELLER: usize = 16;
/// Records remembered that name one public IP address.
pub const MAX_PEERS_PER_ADDRESS: usize = 4;
/// Records remembered that name addresses of one public network (IPv4 /24, IPv6 /48).
pub const MAX_PEERS_PER_NETWORK: usize = 8;
/// Dials of an unproved record without success before it is forgotten (PEER-10).
pub const MAX_PEER_TRIES: u32 = 5;
/// Dials of one IP address in ten minutes, whoever names it (PEER-10).
pub const MAX_PEER_DIALS: usize = 6;
/// IP addresses whose dials are remembered; while there are as many, no other is dialled.
pub const MAX_PEER_DIALLED: usize = 4_096;
/// The memory of a node on its disk, in bytes.
pub const MAX_PEER_FILE_BYTES: usize = 1_048_576;
/// Time between two dials of remembered records, in milliseconds (PEER-10).
pub const PEER_DIAL_MS: u64 = 2_000;
/// Connections, [`PEERS_FEW`] of its own among them, with which a node dials what it remembers seldom (PEER-10).
pub const PEERS_WANTED: usize = 8;
/// Time between two dials then, in milliseconds.
pub const PEER_PROBE_MS: u64 = 300_000;
/// While fewer are connected that a node dialled itself and that have what it follows, it dials what it remembers soon (PEER-10).
pub const PEERS_FEW: usize = 3;
/// Time between two dials then, in milliseconds.
pub const PEER_DIAL_FEW_MS: u64 = 250;
/// For how long, in milliseconds: who finds nobody in that time has no others.
pub const PEER_FEW_LASTS_MS: u64 = 600_000;
/// First pause after a dial of a record, in milliseconds; it doubles each time.
pub const PEER_PAUSE_MS: u64 = 30_000;
/// Longest pause, in milliseconds.
pub const PEER_LONGEST_MS: u64 = 600_000;

/// Records of providers that a node keeps for others (DHT-4).
pub const MAX_DHT_RECORDS: usize = 4_096;
/// Records kept of one archive.
pub const MAX_DHT_KEY_RECORDS: usize = 20;
/// Records kept of one archive that one network told (DHT-4).
pub const MAX_DHT_KEY_CLASS: usize = 4;
/// Records kept of one archive that one larger network told (IPv4 /16, IPv6 /32).
pub const MAX_DHT_KEY_COARSE: usize = 6;
/// In a full key, a record may give way to a new one once it was there for so many milliseconds.
pub const DHT_SETTLED_MS: u64 = 3_600_000;
/// Records kept that one network told.
pub const MAX_DHT_CLASS_RECORDS: usize = 256;
/// Records kept that one node told.
pub const MAX_DHT_PEER_RECORDS: usize = 64;
/// Addresses kept with a record, and dialled of one node.
pub const MAX_DHT_ADDRESSES: usize = 2;
/// Nodes of one public network (IPv4 /24, IPv6 /48) in the table (DHT-6).
pub const MAX_DHT_TABLE_PER_NETWORK: usize = 8;
/// Nodes of one public network in one bucket of the table.
pub const MAX_DHT_BUCKET_PER_NETWORK: usize = 2;
/// Archives that a node looks for and announces.
pub const MAX_DHT_ARCHIVES: usize = 64;
/// Searches and announcements at the same time (DHT-7).
pub const MAX_DHT_LOOKUPS: usize = 2;
/// Nodes dialled that one search found (DHT-9).
pub const MAX_DHT_FOUND: usize = 4;
/// How long a record of a provider is kept, in milliseconds (DHT-4).
pub const DHT_KEEP_MS: u64 = 86_400_000;
/// Time between two searches for an archive while there are few connections, in milliseconds (DHT-7).
pub const DHT_LONELY_MS: u64 = 60_000;
/// The same while there are enough.
pub const DHT_LOOK_MS: u64 = 600_000;
/// A search that did not end is forgotten after so many milliseconds.
pub const DHT_PATIENCE_MS: u64 = 90_000;
/// Time between the first two announcements of an archive, in milliseconds; four times as long each time (DHT-8).
pub const DHT_TOLD_FIRST_MS: u64 = 30_000;
/// Longest time between two announcements, in milliseconds.
pub const DHT_TELL_MS: u64 = 28_800_000;

/// Places for connections that a node opened: of them at most so many to one public network, those that the user named
/// not counted (SLOT-2).
pub const MAX_SLOTS_PER_NETWORK: usize = 2;
/// Places that are kept for addresses that the user named (SLOT-1).
pub const MAX_SLOTS_NAMED: usize = 8;
/// Connections that searches opened, which end soon.
pub const MAX_SLOTS_SEARCH: usize = 16;
/// Connections only to see that somebody is there, which end at once.
pub const MAX_SLOTS_CHECK: usize = 4;

/// Peers whose faults are remembered (SCORE-4).
pub const MAX_SCORES: usize = 1_024;
/// Points of faults halve in this time, in milliseconds (SCORE-2).
pub const SCORE_HALF_MS: u64 = 600_000;
/// From so many points on, gossip of a peer is ignored (SCORE-3).
pub const SCORE_IGNORE: u32 = 40;
/// Most points that stalls alone give: a slow line is no reason to ignore anybody (SCORE-1).
pub const SCORE_STALLS: u32 = 20;
/// From so many points on, a peer is refused for a time.
pub const SCORE_BAN: u32 = 100;
/// Peers of one public address that are not held against each other in gossip (SCORE-7).
pub const MAX_SCORE_NEIGHBOURS: usize = 4;
/// Peers and addresses refused that are remembered; the oldest is forgotten first (SCORE-5).
pub const MAX_BANS: usize = 1_024;
/// Peers of one public address that broke the rules before it is refused (SCORE-6).
pub const MAX_ADDRESS_OFFENDERS: usize = 3;
/// How long a peer that broke the rules is refused, in milliseconds.
pub const BAN_MS: u64 = 1_800_000;
/// How long an address is refused from which several broke the rules, in milliseconds. Short: many people may share it.
pub const ADDRESS_BAN_MS: u64 = 120_000;

/// A record, in bytes.
pub const MAX_RECORD_BYTES: usize = 65_536;
/// Items in a list of a record.
pub const MAX_RECORD_ITEMS: usize = 64;
/// A name in a record, in bytes of UTF-8.
pub const MAX_RECORD_NAME_BYTES: usize = 200;
/// A short text of a record, in bytes of UTF-8.
pub const MAX_RECORD_TEXT_BYTES: usize = 1_000;
/// A story or summary in one language, in bytes of UTF-8.
pub const MAX_RECORD_LONG_BYTES: usize = 24_576;
/// A web address in a record, in bytes.
pub const MAX_RECORD_URL_BYTES: usize = 2_000;
/// A date of a record, in bytes.
pub const MAX_RECORD_DATE_BYTES: usize = 80;
/// A name of a field, as claims use it, in bytes.
pub const MAX_RECORD_FIELD_BYTES: usize = 64;
/// A group of sources, a number of reviewers, or of a toll. Shorter than a telephone number or an id.
pub const MAX_RECORD_COUNT: u64 = 999_999;
/// Greatest age, in years.
pub const MAX_RECORD_AGE: u64 = 130;
/// Reviewers without whom a record stays under review (REC-11).
pub const MIN_REVIEWERS: u64 = 2;

/// A series, in bytes.
pub const MAX_SERIES_BYTES: usize = 1_048_576;
/// A line of a series, in bytes.
pub const MAX_SERIES_LINE_BYTES: usize = 1_000;
/// Hours from the first to the last of a series: two years.
pub const MAX_SERIES_HOURS: usize = 17_568;
/// Offset of a series from UTC, in minutes, either way.
pub const MAX_SERIES_OFFSET_MINUTES: u16 = 840;
/// Faults of a series that are told. A file that is no series at all has one on every line.
pub const SERIES_FAULTS: usize = 100;

/// Average number of items in a tree node (TREE-2).
pub const TREE_BOUNDARY: u32 = 32;
/// Average number of items in a block list node (CHUNK-4).
pub const LIST_BOUNDARY: u32 = 64;
/// Largest file that is one block without being cut (CHUNK-1), in bytes.
pub const SMALL_FILE_BYTES: usize = 65_536;
/// FastCDC minimum, average and maximum (CHUNK-2), in bytes.
pub const CHUNK_MIN: usize = 16_384;
/// See [`CHUNK_MIN`].
pub const CHUNK_AVG: usize = 65_536;
/// See [`CHUNK_MIN`].
pub const CHUNK_MAX: usize = 262_144;

/// The name of a block or an archive in a question to a gateway (GW-2), in bytes: longer than any base needs but for
/// those of single bits.
pub const MAX_GATEWAY_NAME_BYTES: usize = 128;
/// Links of one block (GW-5): more than fit into a block.
pub const MAX_BLOCK_LINKS: usize = 8_192;
/// Blocks of one CAR of a gateway (GW-5).
pub const MAX_CAR_BLOCKS: usize = 131_072;
