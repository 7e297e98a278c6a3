//! OpsRamp's items, with the members of the vendor's samples. Each is a pure function of the seed, its list and its
//! number. Texts hold what clients get wrong; dates come in all the forms that the vendor prints; some items have members
//! and values that nobody knows.

use std::fmt::Write as _;

use super::list::List;
use crate::date::iso_date_time;
use crate::random::Random;
use crate::text::{push_string, uuid};

/// The id of an item, as text.
pub(super) fn id(seed: u64, list: List, number: u64) -> String {
    match list {
        List::Alerts => (389_546 + number).to_string(),
        List::Incidents => format!("INC{:010}", number + 1),
        List::Resources | List::Policies | List::DeviceGroups | List::Metrics => {
            let mut random = Random::of(&[seed, list.number(), number, 5]);
            uuid(&mut random, number)
        }
    }
}

/// The item's text: one JSON object.
pub(super) fn item(seed: u64, list: List, number: u64) -> Vec<u8> {
    let id = id(seed, list, number);
    let mut random = Random::of(&[seed, list.number(), number, 6]);
    let mut text = match list {
        List::Resources => resource(&id, &mut random),
        List::Alerts => alert(&id, &mut random),
        List::Incidents => incident(&id, &mut random),
        List::Policies => policy(&id, &mut random),
        List::DeviceGroups => format!(r#"{{"id":"{id}","name":{}"#, string(&mut random, 40)),
        List::Metrics => metric(&mut random),
    };
    if random.below(8) == 0 {
        let _ = write!(text, r#","x_{}":{}"#, random.below(1_000), unknown(&mut random));
    }
    text.push('}');
    text.into_bytes()
}

/// A resource's short form, as lists without pages have it.
pub(super) fn minimal(seed: u64, number: u64) -> Vec<u8> {
    let id = id(seed, List::Resources, number);
    let mut random = Random::of(&[seed, number, 7]);
    let host = host(&mut random);
    format!(r#"{{"id":"{id}","hostName":"{host}","name":"{host}","ipAddress":"{}"}}"#, address(&mut random))
        .into_bytes()
}

fn resource(id: &str, random: &mut Random) -> String {
    let (host, address) = (host(random), address(random));
    format!(
        concat!(
            r#"{{"id":"{id}","name":"{host}","hostName":"{host}","aliasName":"","identity":"{address}","#,
            r#""resourceName":{name},"resourceType":"{resource_type}","type":"DEVICE","state":"{state}","#,
            r#""status":"{status}","ipAddress":"{address}","os":"{os}","agentInstalled":{agent},"#,
            r#""moId":"{mo}","createdDate":{created},"updatedDate":{updated},"properties":null,"#,
            r#""tags":[],"location":{{"id":{location},"name":{place}}},"client":{{"uniqueId":"client_99999"}}"#
        ),
        id = id,
        host = host,
        address = address,
        name = string(random, 40),
        resource_type = random.pick(&["Linux", "Windows", "Desktop", "OpsRamp Gateway", "Toaster 3000"]),
        state = random.pick(&["active", "active", "active", "inactive", "dreaming"]),
        status = random.pick(&["UP", "DOWN", "UNKNOWN", "UNDEFINED", ""]),
        os = random.pick(&["Linux 5.4", "Windows Server 2019", ""]),
        agent = random.below(2) == 0,
        mo = random.next(),
        created = date(random),
        updated = date(random),
        location = random.below(50),
        place = string(random, 30),
    )
}

fn alert(id: &str, random: &mut Random) -> String {
    let (host, address) = (host(random), address(random));
    let device = device(random);
    let kind = random.pick(&["Linux", "Desktop", "OpsRamp Gateway"]);
    format!(
        concat!(
            r#"{{"uniqueId":"{id}","subject":{subject},"currentState":"{state}","serviceName":"{service}","#,
            r#""acknowledged":{acknowledged},"suppressed":false,"permanentlySuppressed":false,"closed":false,"#,
            r#""ticketed":false,"clientUniqueId":"client_99999","alertType":"{alert_type}","alertTime":{at},"#,
            r#""device":{{"id":"{device}","name":"{host}","hostName":"","ipAddress":"{address}","#,
            r#""type":"DEVICE","aliasName":"","resourceName":"{host}","resourceType":"{kind}"}},"#,
            r#""resource":{{"id":"{device}","type":"{kind}","name":"{host}","consoles":[],"frequency":0,"#,
            r#""paused":false,"clientId":0}},"repeatCount":"{repeats}","tenantId":99999,"status":"{status}","#,
            r#""priority":"{priority}","elapsedTimeString":"{days}d 22h 21m ","createdDate":{created},"#,
            r#""updatedTime":{updated},"eventType":"ALERT","metric":"{metric}","inferenceId":0,"#,
            r#""statusHistory":{{"createdBy":"system","createdTime":{created_too}}}"#
        ),
        id = id,
        subject = string(random, 90),
        state = random.pick(&["Ok", "Warning", "Critical", "Info", "Fluctuating"]),
        service = random.pick(&["Windows Event Log", "PING", "SNMP Response"]),
        acknowledged = random.below(4) == 0,
        alert_type = random.pick(&["Monitoring", "Maintenance", "Appliance", "Scheduled Maintenance"]),
        at = date(random),
        device = device,
        host = host,
        address = address,
        kind = kind,
        repeats = random.below(20),
        status = random.pick(&["New", "Acknowledged", "Ticketed"]),
        priority = random.pick(&["P0", "P1", "P2", "P3", "P4", "P5", "N/A"]),
        days = random.below(30),
        created = date(random),
        updated = date(random),
        metric = random.pick(&["PING", "system.cpu.usage", "Windows Event Log"]),
        created_too = date(random),
    )
}

fn incident(id: &str, random: &mut Random) -> String {
    format!(
        concat!(
            r#"{{"id":"{id}","uuid":"{uuid}","subject":{subject},"description":{description},"#,
            r#""status":"{status}","priority":"{priority}","createdDate":{created},"updatedDate":{updated},"#,
            r#""dueDate":"","resolvedDate":{resolved},"epochCreated":{epoch},"source":"{source}","#,
            r#""createdUser":{{"loginName":"system","email":null}},"assigneeGroups":[],"cc":"""#
        ),
        id = id,
        uuid = device(random),
        subject = string(random, 60),
        description = string(random, 300),
        status = random.pick(&["New", "Open", "Pending", "Resolved", "Closed", "On Hold", "Pondered"]),
        priority = random.pick(&["Very Low", "Low", "Normal", "High", "Urgent"]),
        created = date(random),
        updated = date(random),
        resolved = date(random),
        epoch = moment(random) * 1_000,
        source = random.pick(&["Alert", "Email", "Portal", ""]),
    )
}

fn policy(id: &str, random: &mut Random) -> String {
    format!(
        r#"{{"id":"{id}","name":{},"enabled":{},"resourceMatchType":"{}","rules":[],"createdDate":{}"#,
        string(random, 40),
        random.below(2) == 0,
        random.pick(&["ALL", "ANY", "SOME"]),
        date(random),
    )
}

fn metric(random: &mut Random) -> String {
    let (at, value) = (moment(random), random.below(10_000));
    format!(
        r#"{{"metricName":"system.cpu.usage","units":"%","points":[[{at},{}.{:02}]]"#,
        value / 100,
        value % 100
    )
}

/// A value that no schema has.
fn unknown(random: &mut Random) -> &'static str {
    random.pick(&["null", r#"{"nextPage":true,"results":[1]}"#, "[[],{}]", r#""]}""#, "9007199254740993"])
}

/// A date in one of the vendor's forms, mostly the one without a colon in its offset.
fn date(random: &mut Random) -> String {
    let at = moment(random);
    let plain = iso_date_time(at);
    match random.below(100) {
        0..92 => format!("\"{plain}+0000\""),
        92..97 => format!("\"{plain}Z\""),
        97 => format!("\"{}\"", plain.replace('T', " ")),
        98 => "\"\"".to_owned(),
        _ => (at * 1_000).to_string(),
    }
}

/// A second between 2019 and 2024.
fn moment(random: &mut Random) -> u64 {
    random.between(1_546_300_800, 1_735_689_599)
}

fn string(random: &mut Random, room: usize) -> String {
    let mut text = String::new();
    push_string(random, room, &mut text);
    text
}

/// The id of something that is nowhere else.
fn device(random: &mut Random) -> String {
    let index = random.below(1 << 40);
    uuid(random, index)
}

fn host(random: &mut Random) -> String {
    format!("{}-{:03}", random.pick(&["web", "db", "gateway", "desktop"]), random.below(1_000))
}

fn address(random: &mut Random) -> String {
    format!("172.{}.{}.{}", random.between(16, 31), random.below(256), random.below(256))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn parsed(list: List, number: u64) -> Value {
        serde_json::from_slice(&item(1, list, number)).expect("an item is valid JSON")
    }

    #[test]
    fn every_item_is_json_on_one_line_and_carries_its_id() {
        for list in List::ALL {
            for number in 0..400 {
                assert!(!item(1, list, number).contains(&b'\n'));
                let item = parsed(list, number);
                if let Some(name) = list.id_member() {
                    assert_eq!(item[name], id(1, list, number), "{list:?}");
                }
            }
        }
        for number in 0..50 {
            let minimal: Value = serde_json::from_slice(&minimal(1, number)).expect("JSON");
            assert_eq!(minimal["id"], id(1, List::Resources, number));
        }
    }

    #[test]
    fn dates_come_in_all_forms_and_mostly_in_the_vendor_s() {
        let dates: Vec<Value> =
            (0..2_000).map(|number| parsed(List::Incidents, number)["createdDate"].clone()).collect();
        let like = |end: &str| {
            dates.iter().filter(|date| date.as_str().is_some_and(|text| text.ends_with(end))).count()
        };
        assert!(like("+0000") > dates.len() * 8 / 10);
        assert!(like("Z") > 0 && dates.iter().any(Value::is_u64) && dates.iter().any(|date| date == ""));
        let spaced = |date: &Value| date.as_str().is_some_and(|text| text.contains(' '));
        assert!(dates.iter().any(spaced));
    }

    #[test]
    fn no_two_items_of_a_list_have_the_same_id() {
        for list in List::ALL {
            let ids: BTreeSet<String> = (0..2_000).map(|number| id(1, list, number)).collect();
            assert_eq!(ids.len(), 2_000, "{list:?}");
        }
    }
}
