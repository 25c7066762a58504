#include "trace_table.h"

namespace heapproof {

namespace {

uint64_t KeyOf(RawFrame frame) {
  return static_cast<uint64_t>(frame.function) << 33 | static_cast<uint64_t>(frame.inferred) << 32 |
         static_cast<uint32_t>(frame.position);
}

uint64_t KeyOf(TraceTable::Node node) { return static_cast<uint64_t>(node.parent) << 32 | node.frame; }

uint64_t KeyOf(TraceTable::Trace trace) {
  return static_cast<uint64_t>(trace.node) << 8 | static_cast<uint64_t>(trace.domain) << 1 | (trace.cut ? 1 : 0);
}

// Stores `value` unless it is there already; the index counts from 1.
template <typename T>
uint32_t Intern(FlatIndex& index, std::vector<T>& values, const T& value) {
  const uint32_t next = static_cast<uint32_t>(values.size() + 1);
  // Before the index knows of it: no memory for the value must not leave an index that leads nowhere.
  if (values.size() == values.capacity()) values.reserve(values.size() + values.size() / 2 + 16);
  const uint32_t found = index.FindOrInsert(KeyOf(value), next, [&](uint32_t i) { return KeyOf(values[i - 1]); });
  if (found == next) values.push_back(value);
  return found;
}

}  // namespace

uint32_t TraceTable::InternFrame(RawFrame frame) { return Intern(frame_index_, frames_, frame); }

uint32_t TraceTable::InternTrace(Domain domain, const uint32_t* frames, size_t count, bool cut) {
  uint32_t node = 0;
  for (size_t i = count; i-- > 0;) node = Intern(node_index_, nodes_, Node{node, frames[i]});
  return Intern(trace_index_, traces_, Trace{node, domain, cut});
}

size_t TraceTable::OwnMemory() const {
  return frames_.capacity() * sizeof(RawFrame) + nodes_.capacity() * sizeof(Node) + traces_.capacity() * sizeof(Trace) +
         frame_index_.OwnMemory() + node_index_.OwnMemory() + trace_index_.OwnMemory();
}

}  // namespace heapproof
