//! OpsRamp's lists: where each is, in which category it counts, by which names its items can be searched.

/// A list of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum List {
    Resources,
    Alerts,
    Incidents,
    Policies,
    DeviceGroups,
    Metrics,
}

/// What limits are set apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    Alerts,
    Metric,
    Device,
    Tickets,
    Other,
}

impl List {
    pub(super) const ALL: [Self; 6] =
        [Self::Resources, Self::Alerts, Self::Incidents, Self::Policies, Self::DeviceGroups, Self::Metrics];

    /// A number that is its own.
    pub(super) fn number(self) -> u64 {
        match self {
            Self::Resources => 0,
            Self::Alerts => 1,
            Self::Incidents => 2,
            Self::Policies => 3,
            Self::DeviceGroups => 4,
            Self::Metrics => 5,
        }
    }

    /// The member with an item's id.
    pub(super) fn id_member(self) -> Option<&'static str> {
        match self {
            Self::Alerts => Some("uniqueId"),
            Self::Metrics => None,
            Self::Resources | Self::Incidents | Self::Policies | Self::DeviceGroups => Some("id"),
        }
    }

    /// Where in an item, as a JSON pointer, that is found which a key of `queryString` names.
    pub(super) fn searched(self, key: &str) -> Option<&'static str> {
        match (self, key) {
            (Self::Alerts, "states") => Some("/currentState"),
            (Self::Alerts, "priority") => Some("/priority"),
            (Self::Alerts, "uniqueId") => Some("/uniqueId"),
            (Self::Alerts, "resourceType") => Some("/device/type"),
            (Self::Alerts, "resourceIds") => Some("/resource/id"),
            (Self::Alerts, "alertTypes") => Some("/alertType"),
            (Self::Alerts, "metrics") => Some("/metric"),
            (Self::Alerts, "clientIds") => Some("/clientUniqueId"),
            (Self::Resources, "id") => Some("/id"),
            (Self::Resources, "name") => Some("/name"),
            (Self::Resources, "hostName") => Some("/hostName"),
            (Self::Resources, "resourceType") => Some("/resourceType"),
            (Self::Resources, "state") => Some("/state"),
            (Self::Resources, "status") => Some("/status"),
            (Self::Resources, "agentInstalled") => Some("/agentInstalled"),
            (Self::Incidents, "id") => Some("/id"),
            (Self::Incidents, "status") => Some("/status"),
            (Self::Incidents, "priority") => Some("/priority"),
            (Self::Incidents, "source") => Some("/source"),
            _ => None,
        }
    }

    /// The category of a path within a tenant, whatever is there.
    pub(super) fn category(segments: &[&str]) -> Category {
        match segments.first() {
            Some(&"alerts") => Category::Alerts,
            Some(&"metric") => Category::Metric,
            Some(&"resources" | &"devices") => Category::Device,
            Some(&"incidents" | &"serviceRequests" | &"problems" | &"changes") => Category::Tickets,
            _ => Category::Other,
        }
    }
}
