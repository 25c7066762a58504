// Which loaded object an address of code belongs to, as a small number that keeps its meaning for the life of the process.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace heapproof {

class NativeCallers {
 public:
  // Looks which objects are loaded, if that has changed. Before anything of them is patched, so that every caller is known.
  void Refresh();

  // From inside a hook: no lock but one that is held for a few loads only. 0: none of the objects whose memory counts, as
  // when the last thing a function does is to allocate, and its caller is elsewhere (the call is then a jump).
  uint32_t Find(const void* code);

  // The path as the loader knows it; "" for a number that was never given.
  std::string Path(uint32_t object);

 private:
  struct Object {
    uintptr_t begin, end;
    uint32_t number;
  };

  std::mutex scan_mutex_;  // around the loader's lock
  std::unordered_map<std::string, uint32_t> numbers_;
  uint64_t loads_ = 0, unloads_ = 0;

  std::mutex mutex_;       // nothing is called with it held
  std::vector<Object> objects_;  // by address
  std::vector<std::string> paths_;
};

extern NativeCallers& native_callers;

}  // namespace heapproof
