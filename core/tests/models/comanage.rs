//! CoManage: its one documented body.

use crate::worlds::holds;
use tidegate_core::api::comanage::{API, ProblemDetails};

#[test]
fn the_body_of_maintenance_is_read() {
    let sample = r#"{
        "title": "Server undergoing maintenance",
        "detail": "Server is undergoing maintenance and all api endpoints are currently unavailable",
        "status": 503,
        "type": "https://schemas.nti.biz/comanage/errors/under-maintenance"
    }"#;
    let problem = holds!(ProblemDetails, sample, needs []);
    assert_eq!(problem.kind.as_deref(), API.maintenance.map(|rules| rules.problem_type));
    assert_eq!((problem.status, problem.instance), (Some(503), None));
}
