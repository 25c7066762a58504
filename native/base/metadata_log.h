// The .hpm side of a recording: names and places, each written before the first event that needs it.
#pragma once

#include <string_view>

#include "event_log.h"
#include "varint.h"

namespace heapproof {

class MetadataLog {
 public:
  void Header(std::string_view json);
  // The five below are numbered from 1 in the order of the calls, each kind for itself.
  void Script(std::string_view url, std::string_view source_map_url);
  void Function(uint32_t script, uint32_t line, uint32_t column, std::string_view name);
  void Frame(bool approximate, uint32_t function, uint32_t line, uint32_t column);
  void Node(uint32_t parent, uint32_t frame);
  void Trace(bool cut, Domain domain, uint32_t node);

  // Better knowledge of a script or frame that was written before: these take its place.
  void ScriptAgain(uint32_t number, std::string_view url, std::string_view source_map_url);
  void FrameAgain(uint32_t number, bool approximate, uint32_t function, uint32_t line, uint32_t column);

  const Bytes& pending() const { return buffer_; }
  void Clear() { buffer_.clear(); }

 private:
  void Record(uint32_t kind, const Bytes& body);

  Bytes buffer_;
  Bytes body_;
};

}  // namespace heapproof
