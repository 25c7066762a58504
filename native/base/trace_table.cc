#include "trace_table.h"

namespace heapproof {

namespace {

// Stores `value` under `key` unless it is there already; the index counts from 1.
template <typename T>
uint32_t Intern(FlatIndex& index, std::vector<T>& values, uint64_t key, const T& value) {
  const uint32_t next = static_cast<uint32_t>(values.size() + 1);
  const uint32_t found = index.FindOrInsert(key, next);
  if (found == next) values.push_back(value);
  return found;
}

}  // namespace

uint32_t TraceTable::InternFrame(RawFrame frame) {
  const uint64_t key = static_cast<uint64_t>(frame.function) << 33 | static_cast<uint64_t>(frame.inferred) << 32 |
                       static_cast<uint32_t>(frame.position);
  return Intern(frame_index_, frames_, key, frame);
}

uint32_t TraceTable::InternTrace(Domain domain, const uint32_t* frames, size_t count, bool cut) {
  uint32_t node = 0;
  for (size_t i = count; i-- > 0;) {
    node = Intern(node_index_, nodes_, static_cast<uint64_t>(node) << 32 | frames[i], Node{node, frames[i]});
  }
  const uint64_t key = static_cast<uint64_t>(node) << 8 | static_cast<uint64_t>(domain) << 1 | (cut ? 1 : 0);
  return Intern(trace_index_, traces_, key, Trace{node, domain, cut});
}

size_t TraceTable::OwnMemory() const {
  return frames_.capacity() * sizeof(RawFrame) + nodes_.capacity() * sizeof(Node) + traces_.capacity() * sizeof(Trace) +
         frame_index_.OwnMemory() + node_index_.OwnMemory() + trace_index_.OwnMemory();
}

}  // namespace heapproof
