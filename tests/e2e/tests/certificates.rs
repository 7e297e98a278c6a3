//! The matrix of certificates through `tidegate-std`, whose check is the platform's (webpki here). `tidegate-embassy` has the
//! same matrix in tests of its own, with each reason; the table below says where the two differ, and why.

use std::sync::{Arc, Mutex};
use tidegate_core::pull::{Failure, Settings, TransportFault};
use tidegate_core::retry::RetryPolicy;
use tidegate_simulator::certificates::{Case, HOST, shown};
use tidegate_simulator::{Config, DEFAULT_KEY, Server, ServerOptions, Simulator, TlsIdentity};
use tidegate_std::api::comanage;
use tidegate_std::{Client, Error, Project};

/// Whether it is accepted.
fn is_accepted(case: Case) -> bool {
    match case {
        Case::Good | Case::Intermediate | Case::FifthName | Case::UnknownUncritical => true,
        // Its host is not this machine's: what is not reached is not accepted.
        Case::Wildcard => false,
        // The platform's check does not look at the dates of an authority that it was told to trust, nor at how long a chain
        // that one allows, nor at what keys may be used for, and understands name constraints. The one for
        // microcontrollers refuses all five.
        Case::AuthorityExpired
        | Case::PathTooLong
        | Case::AuthorityWithoutSigning
        | Case::NoDigitalSignature
        | Case::NameConstraints => true,
        Case::OtherHost
        | Case::CommonNameOnly
        | Case::Expired
        | Case::NotYetValid
        | Case::ServerAsAuthority
        | Case::Namesake
        | Case::OtherAuthority
        | Case::SelfSigned
        | Case::ChangedSignature
        | Case::ChangedContent
        | Case::ForClients
        | Case::UnknownCritical => false,
    }
}

#[tokio::test]
async fn a_certificate_that_does_not_hold_gets_no_request() {
    for case in Case::ALL.into_iter().filter(|case| case.host() == HOST) {
        let shown = shown(case).expect("certificates");
        let identity = TlsIdentity::showing(&shown).expect("a server that shows them");
        let simulator = Arc::new(Mutex::new(Simulator::new(Config { items: 3, ..Config::default() })));
        let options = ServerOptions { tls: Some(identity), ..ServerOptions::default() };
        let server = Server::start(Arc::clone(&simulator), options).await.expect("a free port");
        let project =
            Project::new(&comanage::API, format!("https://{HOST}:{}", server.addr().port()), DEFAULT_KEY);
        let root = pem::encode(&pem::Pem::new("CERTIFICATE", shown.authority));
        let builder = Client::builder(project.expect("a usable project")).unused();
        let client =
            builder.trust(root.as_bytes()).expect("a readable certificate").build().expect("a client");
        let retry = RetryPolicy { budget: 0, ..RetryPolicy::DEFAULT };
        let settings = Settings { retry, ..Settings::DEFAULT };
        let mut items = client.pull(comanage::list("/folders")).settings(settings).raw_items();
        let first = items.try_next().await;
        let requests = simulator.lock().expect("no panic").stats().requests;
        match first {
            Ok(_) => assert!(is_accepted(case), "{case:?} was accepted"),
            Err(Error::Failed { failure, report })
                if matches!(
                    *failure,
                    Failure::Transport(TransportFault::Certificate | TransportFault::Connect)
                ) =>
            {
                assert!(!is_accepted(case), "{case:?} was refused: {:?}", report.explanation);
                assert_eq!(requests, 0, "{case:?}: the key was sent");
            }
            Err(other) => panic!("{case:?}: {other}"),
        }
        drop(items);
        server.stop().await;
    }
}
