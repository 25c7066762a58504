#include "polled_source.h"

#include <algorithm>
#include <memory>

#include "../base/clock.h"
#include "../base/sampler.h"
#include "../base/set_while_here.h"

namespace heapproof {

namespace {

// Of the program's time, for the harvests before collections; besides, each new sample may cost what it costs the direct
// way. So what is left out is looking at the same live samples again and again. The TypeScript compiler, which keeps
// 10,000 samples with 50,000 nodes at an interval of 16 KiB, is looked at before half of its collections with 5 %, and
// before nearly all with 10 %.
constexpr double kShare = 0.1;
constexpr uint64_t kFreePerSample = 1000;  // nanoseconds
constexpr size_t kRoomForAnswer = 16 << 20;
constexpr uint32_t kFrameNotAsked = UINT32_MAX;

uint64_t UsedHeap(v8::Isolate* isolate) {
  v8::HeapStatistics statistics;
  isolate->GetHeapStatistics(&statistics);
  return statistics.used_heap_size();
}

uint64_t Mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15ull;
  return hash ^ hash >> 29;
}

std::string ToUtf8(v8::Isolate* isolate, v8::Local<v8::String> string) {
  const v8::String::Utf8Value text(isolate, string);
  return *text == nullptr ? "" : std::string(*text, text.length());
}

FunctionInfo FunctionOf(v8::Isolate* isolate, const v8::AllocationProfile::Node& node) {
  FunctionInfo info;
  info.name = ToUtf8(isolate, node.name);
  info.script = node.script_id;
  info.line = static_cast<uint32_t>(std::max(node.line_number, 0));
  info.column = static_cast<uint32_t>(std::max(node.column_number, 0));
  return info;
}

// V8 answers with strings on its heap, and works out the lines of a script when it first names a function of it. A
// program that has almost filled its heap must not meet the limit because of that: meanwhile the limit moves.
class WithoutHeapLimit {
 public:
  explicit WithoutHeapLimit(v8::Isolate* isolate) : isolate_(isolate) {
    isolate_->AddNearHeapLimitCallback(MoveLimit, &limit_);
  }
  ~WithoutHeapLimit() { isolate_->RemoveNearHeapLimitCallback(MoveLimit, limit_); }
  WithoutHeapLimit(const WithoutHeapLimit&) = delete;
  WithoutHeapLimit& operator=(const WithoutHeapLimit&) = delete;

 private:
  static size_t MoveLimit(void* first_limit, size_t limit, size_t) {
    size_t& first = *static_cast<size_t*>(first_limit);
    if (first == 0) first = limit;
    return limit + kRoomForAnswer;
  }

  v8::Isolate* const isolate_;
  size_t limit_ = 0;  // to be put back; 0: it was not moved
};

v8::AllocationProfile* Ask(v8::Isolate* isolate) {
  const WithoutHeapLimit without_limit(isolate);
  return isolate->GetHeapProfiler()->GetAllocationProfile();
}

}  // namespace

PolledSource::PolledSource(v8::Isolate* isolate, CodeWatcher& code, size_t depth, uint64_t interval)
    : isolate_(isolate), code_(code), depth_(depth), interval_(interval), budget_(kShare, MonotonicNanoseconds()) {}

std::string PolledSource::Start() {
  // One frame more than is kept, to see which stacks are cut.
  const int depth = static_cast<int>(depth_) + 1;
  running_ = isolate_->GetHeapProfiler()->StartSamplingHeapProfiler(interval_, depth);
  return running_ ? "" : "sampler-busy";
}

void PolledSource::Stop() {
  if (running_) isolate_->GetHeapProfiler()->StopSamplingHeapProfiler();
  running_ = false;
  live_ = {};
  frames_ = {};
  path_frames_ = {};
  function_index_ = FlatIndex();
  function_keys_ = {};
}

// Who takes everything wants everything.
bool PolledSource::Affordable() const {
  return interval_ <= 1 || budget_.Allows(MonotonicNanoseconds());
}

void PolledSource::Harvest(TraceTable& traces, PolledListener& listener, bool collection_follows) {
  if (!running_) return;
  // Within a harvest: V8 collects because of what the harvest allocates.
  if (harvesting_ || (collection_follows && !Affordable())) {
    skipped_++;
    return;
  }
  const SetWhileHere guard(harvesting_);
  const uint64_t start = ThreadNanoseconds();
  const uint64_t last_id = last_id_;
  Compare(traces, listener);
  const uint64_t took = ThreadNanoseconds() - start;
  budget_.Spend(MonotonicNanoseconds(), took - std::min(took, (last_id_ - last_id) * kFreePerSample));
}

void PolledSource::Compare(TraceTable& traces, PolledListener& listener) {
  const v8::HandleScope scope(isolate_);
  const uint64_t used = UsedHeap(isolate_);
  const uint64_t skipped = skipped_;
  const std::unique_ptr<v8::AllocationProfile> profile(Ask(isolate_));
  if (profile == nullptr) {
    running_ = false;
    return;
  }
  const uint64_t used_now = UsedHeap(isolate_);
  const uint64_t own_bytes = used_now < used ? 0 : used_now - used;
  // In a collection's prologue V8 does not announce the collections that our strings may cause.
  if (used_now < used && skipped == skipped_) skipped_++;

  std::vector<uint64_t> old_ids;
  std::vector<NewSample> fresh;
  old_ids.reserve(live_.size());
  for (const v8::AllocationProfile::Sample& sample : profile->GetSamples()) {
    if (sample.sample_id <= last_id_) old_ids.push_back(sample.sample_id);
    else fresh.push_back({sample.sample_id, sample.size, sample.node_id});
  }
  ReportFrees(old_ids, listener);
  if (fresh.empty()) return;
  std::sort(fresh.begin(), fresh.end(), [](const NewSample& a, const NewSample& b) { return a.id < b.id; });
  last_id_ = fresh.back().id;
  DropOwn(fresh, own_bytes);
  if (fresh.empty()) return;
  ReportAllocations(*profile, fresh, traces, listener);
}

void PolledSource::ReportFrees(std::vector<uint64_t>& still, PolledListener& listener) {
  std::sort(still.begin(), still.end());
  auto next = still.begin();
  auto kept = live_.begin();
  for (const uint64_t id : live_) {
    // Numbers that are in `still` only are samples of our own strings.
    while (next != still.end() && *next < id) ++next;
    if (next != still.end() && *next == id) *kept++ = id;
    else listener.OnPolledFree(id);
  }
  live_.erase(kept, live_.end());
}

// V8 draws from the strings of its answers too: from the last bytes allocated before we see the samples, and on one and
// the same stack. From outside they cannot be told for sure from the program's last allocations, so as many bytes are
// dropped as we have allocated, and none beyond: over many harvests that is right. At interval 1 our objects are all
// there, and add up to our bytes exactly; if they do not (V8's compiler threads allocate too), nothing is dropped, since
// there the program's objects are to be complete.
void PolledSource::DropOwn(std::vector<NewSample>& fresh, uint64_t own_bytes) {
  own_bytes_ += static_cast<double>(own_bytes);
  const uint32_t node = fresh.back().node;
  size_t first = fresh.size();
  uint64_t left = own_bytes;
  double weights = 0;
  for (; first > 0 && fresh[first - 1].node == node && fresh[first - 1].size <= left; first--) {
    const uint64_t size = fresh[first - 1].size;
    const double weight = static_cast<double>(size) / PoissonProbability(static_cast<double>(interval_), size);
    if (weights + weight > own_bytes_) break;
    weights += weight;
    left -= size;
  }
  if (interval_ <= 1 && left > 0) return;
  own_bytes_ -= weights;
  fresh.resize(first);
}

void PolledSource::ReportAllocations(v8::AllocationProfile& profile, const std::vector<NewSample>& fresh,
                                     TraceTable& traces, PolledListener& listener) {
  std::vector<NodeTrace> wanted;
  wanted.reserve(fresh.size());
  for (const NewSample& sample : fresh) wanted.push_back({sample.node, 0});
  const auto by_node = [](const NodeTrace& a, const NodeTrace& b) { return a.node < b.node; };
  std::sort(wanted.begin(), wanted.end(), by_node);
  const auto same = [](const NodeTrace& a, const NodeTrace& b) { return a.node == b.node; };
  wanted.erase(std::unique(wanted.begin(), wanted.end(), same), wanted.end());
  const auto find = [&](uint32_t node) {
    const auto it = std::lower_bound(wanted.begin(), wanted.end(), NodeTrace{node, 0}, by_node);
    return it != wanted.end() && it->node == node ? &*it : nullptr;
  };

  // The path from below the root to the node at hand. No recursion: the program may have left us little of its stack.
  std::vector<Step> path;
  path.push_back({profile.GetRootNode(), kFrameNotAsked, 0});
  while (!path.empty()) {
    Step& step = path.back();
    if (step.next_child == 0) {
      if (NodeTrace* found = find(step.node->node_id)) found->trace = InternPath(path, traces);
    }
    if (step.next_child == step.node->children.size()) path.pop_back();
    else path.push_back({step.node->children[step.next_child++], kFrameNotAsked, 0});
  }

  live_.reserve(live_.size() + fresh.size());
  for (const NewSample& sample : fresh) {
    live_.push_back(sample.id);
    listener.OnPolledAllocation(sample.id, sample.size, find(sample.node)->trace);
  }
}

uint32_t PolledSource::InternPath(std::vector<Step>& path, TraceTable& traces) {
  path_frames_.clear();
  bool cut = path.size() - 1 > depth_;
  for (size_t i = path.size(); i-- > 1;) {
    Step& step = path[i];
    if (step.frame == kFrameNotAsked) step.frame = FrameOf(*step.node, traces);
    if (step.frame == 0) continue;
    if (path_frames_.size() == depth_) {
      cut = true;
      break;
    }
    path_frames_.push_back(step.frame);
  }
  return traces.InternTrace(Domain::kHeap, path_frames_.data(), path_frames_.size(), cut);
}

// Builtins, and what stands for the state of the machine where no JavaScript runs, are in no script: left out, as
// StackWalker leaves them out.
uint32_t PolledSource::FrameOf(const v8::AllocationProfile::Node& node, TraceTable& traces) {
  if (node.script_id == v8::UnboundScript::kNoScriptId) return 0;
  const uint64_t place = static_cast<uint64_t>(node.script_id) << 32 | static_cast<uint32_t>(node.start_position);
  // A class and its constructor start at the same place.
  const uint64_t key = Mix(Mix(0, place), static_cast<uint32_t>(node.name->GetIdentityHash()));
  const uint32_t next = static_cast<uint32_t>(frames_.size() + 1);
  const uint32_t found =
      function_index_.FindOrInsert(key, next, [&](uint32_t index) { return function_keys_[index - 1]; });
  if (found < next) return frames_[found - 1];
  function_keys_.push_back(key);
  const uint32_t function = code_.InternFunction(FunctionOf(isolate_, node), ToUtf8(isolate_, node.script_name));
  code_.Pin(function);
  frames_.push_back(traces.InternFrame({function, RawFrame::kNoPosition}));
  return frames_.back();
}

size_t PolledSource::OwnMemory() const {
  return (live_.capacity() + function_keys_.capacity()) * sizeof(uint64_t) + function_index_.OwnMemory() +
         (frames_.capacity() + path_frames_.capacity()) * sizeof(uint32_t);
}

}  // namespace heapproof
