#include "event_log.h"

#include <algorithm>

namespace heapproof {

namespace {
enum Kind : uint32_t { kAllocation = 0, kFree = 1, kCollection = 2, kExtended = 3 };
enum Subtype : uint32_t { kSampling = 1, kThread = 2, kCounters = 3, kEnd = 4 };
enum Rule : uint32_t { kPoisson = 0, kTable = 1 };
}  // namespace

// A collection corrects what was counted before (v8/heap_counter.h), so that right after the start the heap's counter can
// lie below what it was at the start.
Totals Totals::Since(const Totals& start) const {
  // Both may lie below 0, as large unsigned numbers: their distance is right all the same.
  const auto since = [](uint64_t now, uint64_t then) {
    return static_cast<int64_t>(now - then) < 0 ? 0 : now - then;
  };
  Totals d;
  d.heap_bytes = since(heap_bytes, start.heap_bytes);
  d.collections = since(collections, start.collections);
  d.major_collections = since(major_collections, start.major_collections);
  d.array_buffer_bytes = since(array_buffer_bytes, start.array_buffer_bytes);
  d.array_buffer_calls = since(array_buffer_calls, start.array_buffer_calls);
  d.array_buffer_freed_bytes = since(array_buffer_freed_bytes, start.array_buffer_freed_bytes);
  d.array_buffer_frees = since(array_buffer_frees, start.array_buffer_frees);
  d.native_bytes = since(native_bytes, start.native_bytes);
  d.native_calls = since(native_calls, start.native_calls);
  d.native_frees = since(native_frees, start.native_frees);
  return d;
}

void EventLog::Head(uint64_t time, uint32_t kind) {
  time = std::max(time, last_time_);
  PutVarint(buffer_, ((time - last_time_) << 2) | kind);
  last_time_ = time;
}

void EventLog::Extended(uint64_t time, uint32_t subtype, const Bytes& body) {
  Head(time, kExtended);
  PutVarint(buffer_, subtype);
  PutVarint(buffer_, body.size());
  buffer_.insert(buffer_.end(), body.begin(), body.end());
}

void EventLog::SwitchThread(uint64_t time, uint32_t thread) {
  if (thread == last_thread_) return;
  last_thread_ = thread;
  Bytes body;
  PutVarint(body, thread);
  Extended(time, kThread, body);
}

uint64_t EventLog::Allocation(uint64_t time, uint32_t trace, uint64_t size, uint32_t thread) {
  SwitchThread(time, thread);
  Head(time, kAllocation);
  PutVarint(buffer_, trace);
  PutSize(buffer_, size);
  return last_time_;
}

void EventLog::Free(uint64_t time, uint32_t trace, uint64_t size, uint64_t allocated, uint32_t thread) {
  SwitchThread(time, thread);
  Head(time, kFree);
  PutVarint(buffer_, trace);
  PutSize(buffer_, size);
  const uint64_t age = last_time_ - allocated;
  PutZigzag(buffer_, static_cast<int64_t>(age) - static_cast<int64_t>(last_age_));
  last_age_ = age;
}

void EventLog::Collection(uint64_t time, uint32_t type, uint64_t duration, uint64_t before, uint64_t after) {
  Head(time, kCollection);
  PutVarint(buffer_, type);
  PutVarint(buffer_, duration);
  PutVarint(buffer_, before);
  PutVarint(buffer_, after);
}

void EventLog::Sampling(uint64_t time, Domain domain, const SamplingRule& rule, uint64_t draw) {
  Bytes body;
  PutVarint(body, static_cast<uint64_t>(domain));
  if (rule.by_table()) {
    PutVarint(body, kTable);
    PutDouble(body, static_cast<double>(draw));
    PutVarint(body, rule.table.size());
    for (const SamplingRule::Range& range : rule.table) {
      PutVarint(body, range.bound);
      PutDouble(body, range.probability);
    }
  } else {
    PutVarint(body, kPoisson);
    PutDouble(body, rule.interval);
  }
  Extended(time, kSampling, body);
}

void EventLog::Checkpoint(uint64_t time, const Totals& t) {
  Bytes body;
  for (uint64_t value : {t.heap_bytes, t.collections, t.major_collections, t.array_buffer_bytes,
                         t.array_buffer_calls, t.array_buffer_freed_bytes, t.array_buffer_frees, t.native_bytes,
                         t.native_calls, t.native_frees, t.unseen_collections}) {
    PutVarint(body, value);
  }
  Extended(time, kCounters, body);
}

void EventLog::End(uint64_t time, std::string_view reason) {
  Bytes body;
  PutString(body, reason);
  Extended(time, kEnd, body);
}

void EventLog::Clear() {
  buffer_.clear();
  last_age_ = 0;
}

}  // namespace heapproof
