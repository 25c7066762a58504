#include "native_callers.h"

#include <algorithm>

#include "loaded_object.h"

namespace heapproof {

NativeCallers& native_callers = *new NativeCallers();  // never destroyed: hooks may still run while the process ends

#if HEAPPROOF_HAS_ELF

void NativeCallers::Refresh() {
  struct Scan {
    NativeCallers& callers;
    std::vector<Object> objects;
    std::vector<std::string> new_paths;
    bool is_first = true;
    bool same = false;
  };
  LearnRuntime();
  const std::lock_guard scan_lock(scan_mutex_);
  Scan scan{*this, {}, {}};
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* data) {
        Scan& s = *static_cast<Scan*>(data);
        NativeCallers& callers = s.callers;
        if (s.is_first && info->dlpi_adds == callers.loads_ && info->dlpi_subs == callers.unloads_) {
          s.same = true;
          return 1;
        }
        callers.loads_ = info->dlpi_adds;
        callers.unloads_ = info->dlpi_subs;
        const LoadedObject object(*info);
        const ObjectKind kind = KindOf(object, s.is_first);
        s.is_first = false;
        if (kind != kBrought) return 0;
        const uint32_t next = static_cast<uint32_t>(callers.numbers_.size() + 1);
        const auto [known, is_new] = callers.numbers_.try_emplace(object.path(), next);
        if (is_new) s.new_paths.emplace_back(object.path());
        s.objects.push_back({object.range().begin, object.range().end, known->second});
        return 0;
      },
      &scan);
  if (scan.same) return;
  std::sort(scan.objects.begin(), scan.objects.end(), [](const Object& a, const Object& b) { return a.begin < b.begin; });
  const std::lock_guard lock(mutex_);
  objects_.swap(scan.objects);
  for (std::string& path : scan.new_paths) paths_.push_back(std::move(path));
}

#else

void NativeCallers::Refresh() {}

#endif

uint32_t NativeCallers::Find(const void* code) {
  const auto address = reinterpret_cast<uintptr_t>(code);
  const std::lock_guard lock(mutex_);
  auto after = std::upper_bound(objects_.begin(), objects_.end(), address,
                                [](uintptr_t a, const Object& object) { return a < object.begin; });
  if (after == objects_.begin()) return 0;
  --after;
  return address < after->end ? after->number : 0;
}

std::string NativeCallers::Path(uint32_t object) {
  const std::lock_guard lock(mutex_);
  return object == 0 || object > paths_.size() ? "" : paths_[object - 1];
}

}  // namespace heapproof
