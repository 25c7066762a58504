#include "profile_writer.h"

#include <cstring>

#include "../base/fresh_number.h"

namespace heapproof {

namespace {

constexpr size_t kMetadataBlockBytes = 1 << 20;

SessionId NewSessionId() {
  const uint64_t numbers[] = {FreshNumber(), FreshNumber()};
  SessionId id;
  static_assert(sizeof id == sizeof numbers);
  std::memcpy(id.data(), numbers, sizeof id);
  return id;
}

}  // namespace

void ProfileWriter::OpenFiles(int metadata_fd, int event_fd, std::string_view header) {
  has_events_ = true;
  const SessionId session = NewSessionId();
  metadata_file_.Open(metadata_fd, session);
  event_file_.Open(event_fd, session);
  metadata_.Header(header);
}

void ProfileWriter::OpenMemory(std::string_view header) {
  metadata_file_.OpenMemory(NewSessionId());
  metadata_.Header(header);
}

void ProfileWriter::OpenMemory(const std::string& file_base, size_t most, std::string_view header) {
  has_events_ = true;
  const SessionId session = NewSessionId();
  metadata_file_.OpenMemory(session, file_base + ".hpm", most);
  event_file_.OpenMemory(session, file_base + ".hpd", most);
  metadata_.Header(header);
}

void ProfileWriter::WriteOut(bool may_allocate) {
  if (may_allocate) DescribeAgain();
  DescribeNewTraces(may_allocate);
  metadata_file_.Write(metadata_.pending());
  metadata_.Clear();
  // Only behind the traces its events name.
  if (has_events_) event_file_.Write(events_.pending());
  events_.Clear();
  if (may_allocate) code_.Unpin();
}

void ProfileWriter::DescribeNewTraces(bool may_allocate) {
  const auto& frames = traces_.frames();
  for (; frames_written_ < frames.size(); frames_written_++) {
    const RawFrame& frame = frames[frames_written_];
    const uint32_t function = DescribeFunction(frame.function, may_allocate);
    const CodeWatcher::Place place = code_.Resolve(frame, may_allocate);
    if (!may_allocate && frame.position != RawFrame::kNoPosition) {
      frames_owed_.push_back(static_cast<uint32_t>(frames_written_));
    }
    metadata_.Frame(place.approximate, function, place.line, place.column);
    if (metadata_.pending().size() > kMetadataBlockBytes) {
      metadata_file_.Write(metadata_.pending());
      metadata_.Clear();
    }
  }
  const auto& nodes = traces_.nodes();
  for (; nodes_written_ < nodes.size(); nodes_written_++) {
    metadata_.Node(nodes[nodes_written_].parent, nodes[nodes_written_].frame);
  }
  const auto& traces = traces_.traces();
  for (; traces_written_ < traces.size(); traces_written_++) {
    const TraceTable::Trace& trace = traces[traces_written_];
    metadata_.Trace(trace.cut, trace.domain, trace.node);
  }
}

uint32_t ProfileWriter::DescribeFunction(uint32_t function, bool may_allocate) {
  const auto known = function_numbers_.find(function);
  if (known != function_numbers_.end()) return known->second;
  const FunctionInfo info = code_.Function(function);
  const auto [script, is_new] = script_numbers_.try_emplace(info.script, script_numbers_.size() + 1);
  if (is_new) {
    const CodeWatcher::Script described = DescribeScript(function, may_allocate);
    metadata_.Script(described.url, described.source_map_url);
    if (!may_allocate) scripts_owed_.push_back({script->second, function});
  }
  metadata_.Function(script->second, info.line, info.column, info.name);
  return function_numbers_[function] = static_cast<uint32_t>(function_numbers_.size() + 1);
}

CodeWatcher::Script ProfileWriter::DescribeScript(uint32_t function, bool may_allocate) {
  CodeWatcher::Script script = code_.DescribeScript(function, may_allocate);
  const std::string& map = script.source_map_url;
  if (!map.empty() && map.compare(0, 5, "data:") != 0) names_source_maps_ = true;
  return script;
}

// What could only be written roughly before.
void ProfileWriter::DescribeAgain() {
  for (const auto& [number, function] : scripts_owed_) {
    const CodeWatcher::Script described = DescribeScript(function, true);
    metadata_.ScriptAgain(number, described.url, described.source_map_url);
  }
  scripts_owed_.clear();
  for (const uint32_t index : frames_owed_) {
    const RawFrame& frame = traces_.frames()[index];
    const CodeWatcher::Place place = code_.Resolve(frame, true);
    metadata_.FrameAgain(index + 1, place.approximate, function_numbers_[frame.function], place.line, place.column);
  }
  frames_owed_.clear();
}

void ProfileWriter::Close() {
  if (metadata_file_.in_memory() != event_file_.in_memory()) {
    metadata_file_.Spill();
    event_file_.Spill();
  }
  metadata_file_.Close();
  event_file_.Close();
}

std::vector<Bytes> ProfileWriter::TakeMemory() {
  std::vector<Bytes> both;
  if (metadata_file_.in_memory() && event_file_.in_memory()) {
    both.push_back(metadata_file_.TakeMemory());
    both.push_back(event_file_.TakeMemory());
  }
  return both;
}

const std::string& ProfileWriter::error() const {
  return metadata_file_.failed() ? metadata_file_.error() : event_file_.error();
}

size_t ProfileWriter::OwnMemory() const {
  constexpr size_t kMapNode = 48;
  return metadata_.pending().capacity() + events_.pending().capacity() + metadata_file_.memory().capacity() +
         event_file_.memory().capacity() +
         (function_numbers_.size() + script_numbers_.size()) * kMapNode;
}

}  // namespace heapproof
