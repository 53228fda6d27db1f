#pragma once
// The measurements, one function each. They throw where something does not work at all.

#include "tests/bench/backlog.hpp"
#include "tests/bench/report.hpp"

namespace gatehouse::bench {

/// Net2 event to the cloud at 200 a second.
void measure_live(Report& report);
/// Events read by polling until they are durable. Leaves the backlog for measure_drain.
Backlog measure_ingest(Report& report);
/// That backlog to a broker, and the same bytes by a bare publisher.
void measure_drain(Report& report, Backlog& backlog);
/// 100,000 people: first import, re-reads without and with changes, and what they take of memory.
void measure_people(Report& report);
/// The directory sync by itself: plans and matching.
void measure_directory(Report& report);
/// One decision: latency, and how many a second, looked up among 100,000 people.
void measure_decide(Report& report);
/// A sign-in through D-Bus and the LAN to Net2's receipt of the call: idle, in a drain, in a full sync; and
/// the time from exec to the first decision without a network.
void measure_signin(Report& report);
/// Resident memory of an idle daemon beside that of mosquitto.
void measure_memory(Report& report);
/// A million rows queued: memory, readiness without a network, the first message when the broker is back.
void measure_million(Report& report);
/// Polling every second while nothing happens.
void measure_idle(Report& report);

}  // namespace gatehouse::bench
