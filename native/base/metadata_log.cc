#include "metadata_log.h"

namespace heapproof {

namespace {
enum Kind : uint32_t {
  kHeader = 1,
  kScript,
  kFunction,
  kFrame,
  kNode,
  kTrace,
  // 7 is written by the JavaScript half, after the recording.
  kScriptAgain = 8,
  kFrameAgain,
};
}  // namespace

void MetadataLog::Record(uint32_t kind, const Bytes& body) {
  PutVarint(buffer_, kind);
  PutVarint(buffer_, body.size());
  buffer_.insert(buffer_.end(), body.begin(), body.end());
  body_.clear();
}

void MetadataLog::Header(std::string_view json) {
  body_.assign(json.begin(), json.end());
  Record(kHeader, body_);
}

void MetadataLog::Script(std::string_view url, std::string_view source_map_url) {
  PutString(body_, url);
  PutString(body_, source_map_url);
  Record(kScript, body_);
}

void MetadataLog::Function(uint32_t script, uint32_t line, uint32_t column, std::string_view name) {
  PutVarint(body_, script);
  PutVarint(body_, line);
  PutVarint(body_, column);
  PutString(body_, name);
  Record(kFunction, body_);
}

void MetadataLog::Frame(bool approximate, uint32_t function, uint32_t line, uint32_t column) {
  PutVarint(body_, approximate ? 1 : 0);
  PutVarint(body_, function);
  PutVarint(body_, line);
  PutVarint(body_, column);
  Record(kFrame, body_);
}

void MetadataLog::Node(uint32_t parent, uint32_t frame) {
  PutVarint(body_, parent);
  PutVarint(body_, frame);
  Record(kNode, body_);
}

void MetadataLog::Trace(bool cut, Domain domain, uint32_t node) {
  PutVarint(body_, cut ? 1 : 0);
  PutVarint(body_, static_cast<uint64_t>(domain));
  PutVarint(body_, node);
  Record(kTrace, body_);
}

void MetadataLog::ScriptAgain(uint32_t number, std::string_view url, std::string_view source_map_url) {
  PutVarint(body_, number);
  PutString(body_, url);
  PutString(body_, source_map_url);
  Record(kScriptAgain, body_);
}

void MetadataLog::FrameAgain(uint32_t number, bool approximate, uint32_t function, uint32_t line, uint32_t column) {
  PutVarint(body_, number);
  PutVarint(body_, approximate ? 1 : 0);
  PutVarint(body_, function);
  PutVarint(body_, line);
  PutVarint(body_, column);
  Record(kFrameAgain, body_);
}

}  // namespace heapproof
