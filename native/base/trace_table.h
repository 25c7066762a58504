// Every stack once. A stack is a path in a tree from the root (program start) to its leaf (the allocation); a node is
// (parent, frame), so stacks that share their callers share the nodes. A trace is a leaf node and a domain.
//
//     node 1 main:10 ── node 2 load:4 ── node 3 parse:41      trace 1 = {heap, node 3}
//                    └─ node 4 save:9                         trace 2 = {heap, node 4}
//
// All indices start at 1; 0 is "none". Nothing is ever removed, so an index means the same for the whole recording.
#pragma once

#include <cstdint>
#include <vector>

#include "event_log.h"
#include "flat_index.h"

namespace heapproof {

// A place in a program as the virtual machine knows it. `position` is a character offset in the script of `function`;
// kNoPosition where only the function is known; `inferred` where the place was concluded from its surroundings.
struct RawFrame {
  static constexpr int32_t kNoPosition = -1;
  uint32_t function;
  int32_t position;
  bool inferred = false;
};

class TraceTable {
 public:
  struct Node {
    uint32_t parent;
    uint32_t frame;
  };
  struct Trace {
    uint32_t node;
    Domain domain;
    bool cut;
  };

  uint32_t InternFrame(RawFrame frame);

  // `frames` holds `count` frame indices, leaf first. `cut`: there were more frames towards the root.
  uint32_t InternTrace(Domain domain, const uint32_t* frames, size_t count, bool cut);

  const std::vector<RawFrame>& frames() const { return frames_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Trace>& traces() const { return traces_; }
  size_t OwnMemory() const;

 private:
  std::vector<RawFrame> frames_;
  std::vector<Node> nodes_;
  std::vector<Trace> traces_;
  FlatIndex frame_index_;
  FlatIndex node_index_;
  FlatIndex trace_index_;
};

}  // namespace heapproof
