// V8's own sampling heap profiler as a source of events, by its public interface only: for builds of Node and platforms
// where the direct way (sample_source.h) does not work, and on request.
//
// The profiler answers "which samples are alive, and who allocated them", and drops a sample when a collection finds its
// object dead. So whoever asks before each collection misses nothing:
//
//     time ──────────┬───────────────┬──────────────────┬─────────►
//                collection      collection          collection
//     harvest:   {1 2 3}         {2 4 5}             {4 5 6}
//                new 1 2 3       new 4 5             new 6
//                                gone 1 3 (freed     gone 2 (freed by the second)
//                                by the first)
//
// Sample numbers only grow, so what is above the highest of the last harvest is new. What a harvest costs grows with the
// live samples and with V8's call tree: see base/time_budget.h. A collection that is not looked at takes with it the
// samples that were born and died since the last harvest; the exact counters still have their bytes.
//
// Stacks are V8's own: functions, not lines, and code inlined into another function is charged to that.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <v8-profiler.h>
#include <v8.h>

#include "../base/flat_index.h"
#include "../base/time_budget.h"
#include "../base/trace_table.h"
#include "code_watcher.h"

namespace heapproof {

// Told within Harvest: first what is gone, then what is new, in the order of the samples' numbers.
class PolledListener {
 public:
  // `id` is not used again within a recording.
  virtual void OnPolledAllocation(uint64_t id, uint64_t size, uint32_t trace) = 0;
  // Freed by the last collection, or by an earlier one when Harvest left collections out.
  virtual void OnPolledFree(uint64_t id) = 0;

 protected:
  ~PolledListener() = default;
};

class PolledSource {
 public:
  // `depth`: frames kept of a stack, `interval`: mean bytes between samples, 1 takes everything.
  PolledSource(v8::Isolate* isolate, CodeWatcher& code, size_t depth, uint64_t interval);
  ~PolledSource() { Stop(); }
  PolledSource(const PolledSource&) = delete;
  PolledSource& operator=(const PolledSource&) = delete;

  // Empty on success, else "sampler-busy".
  std::string Start();
  // Ends V8's profiler and forgets everything but skipped(). Not within Harvest.
  void Stop();

  // Compares with the last harvest. With `collection_follows` it is for the prologue of a collection, and is left out
  // and counted when it does not keep within the budget; otherwise it is always done, and may itself cause a collection.
  //
  // What it allocates on V8's heap is ours: outside of a collection's prologue the caller has a HeapCounter::Exclude
  // around it. Throws std::bad_alloc; the listener may throw too.
  void Harvest(TraceTable& traces, PolledListener& listener, bool collection_follows);

  // Whether a harvest now keeps within the budget: for those that are only nice to have.
  bool Affordable() const;

  // Somebody else has ended V8's profiler: nothing more will come.
  bool lost() const { return !running_; }
  // Notes a collection before which nothing can be harvested.
  void Skip() { skipped_++; }
  // Collections before which nothing was harvested.
  uint64_t skipped() const { return skipped_; }
  size_t OwnMemory() const;

 private:
  struct NewSample {
    uint64_t id;
    uint64_t size;
    uint32_t node;
  };
  struct NodeTrace {
    uint32_t node;
    uint32_t trace;
  };
  // On the way from the root of V8's call tree to one of its nodes.
  struct Step {
    const v8::AllocationProfile::Node* node;
    uint32_t frame;  // of the trace table, once it is known
    size_t next_child;
  };

  void Compare(TraceTable& traces, PolledListener& listener);
  void ReportFrees(std::vector<uint64_t>& still, PolledListener& listener);
  void DropOwn(std::vector<NewSample>& fresh, uint64_t own_bytes);
  void ReportAllocations(v8::AllocationProfile& profile, const std::vector<NewSample>& fresh, TraceTable& traces,
                         PolledListener& listener);
  uint32_t InternPath(std::vector<Step>& path, TraceTable& traces);
  uint32_t FrameOf(const v8::AllocationProfile::Node& node, TraceTable& traces);

  v8::Isolate* const isolate_;
  CodeWatcher& code_;
  const size_t depth_;
  const uint64_t interval_;
  TimeBudget budget_;

  bool running_ = false;
  bool harvesting_ = false;
  uint64_t skipped_ = 0;
  double own_bytes_ = 0;  // allocated by us on V8's heap, less what the samples that were dropped stand for

  uint64_t last_id_ = 0;              // the highest number ever seen
  std::vector<uint64_t> live_;        // samples of the last harvest, sorted
  FlatIndex function_index_;          // script, position and name -> one more than the place in the next two
  std::vector<uint64_t> function_keys_;
  std::vector<uint32_t> frames_;      // of the trace table
  std::vector<uint32_t> path_frames_; // leaf first
};

}  // namespace heapproof
