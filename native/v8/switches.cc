#include "switches.h"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include <v8.h>

#if defined(__linux__)
#include <link.h>
#endif

namespace heapproof {

namespace {

using Byte = volatile uint8_t;

std::mutex switches_mutex;
std::vector<Byte*>& Hidden() {
  static auto* bytes = new std::vector<Byte*>();  // never destroyed: threads may outlive static destructors
  return *bytes;
}

void Set(const char* prefix, const std::string& name) { v8::V8::SetFlagsFromString((prefix + name).c_str()); }

uint32_t Hash() { return v8::ScriptCompiler::CachedDataVersionTag(); }

// While this lives the options that are hidden are on, and at its end V8 makes the hash.
class Shown {
 public:
  Shown() { Write(1); }
  ~Shown() {
    Hash();
    Write(0);
  }
  Shown(const Shown&) = delete;
  Shown& operator=(const Shown&) = delete;

 private:
  static void Write(uint8_t value) {
    for (Byte* byte : Hidden()) *byte = value;
  }
};

struct Region {
  Byte* begin;
  size_t size;
};

// What V8 can write to of the object that it is in. Less than a megabyte.
std::vector<Region> DataOfV8() {
  std::vector<Region> regions;
#if defined(__linux__)
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* data) {
        const auto code = reinterpret_cast<uintptr_t>(&v8::V8::GetVersion);
        bool is_v8 = false;
        std::vector<Region> found;
        for (int i = 0; i < info->dlpi_phnum; i++) {
          const ElfW(Phdr)& segment = info->dlpi_phdr[i];
          if (segment.p_type != PT_LOAD) continue;
          const uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
          if (code >= begin && code - begin < segment.p_memsz) is_v8 = true;
          // Behind what is in the file there are only zeros at first, and no option that is on by default.
          if ((segment.p_flags & PF_W) != 0) found.push_back({reinterpret_cast<Byte*>(begin), segment.p_filesz});
        }
        if (is_v8) *static_cast<std::vector<Region>*>(data) = found;
        return is_v8 ? 1 : 0;
      },
      &regions);
#endif
  return regions;
}

// The option is off before and on afterwards. Other threads write to their own data meanwhile, hence the rounds.
Byte* FindByte(const std::string& name) {
  constexpr int kRounds = 3;
  std::vector<Byte*> candidates;
  const std::vector<Region> regions = DataOfV8();
  std::vector<uint8_t> off;
  for (const Region& region : regions) off.insert(off.end(), region.begin, region.begin + region.size);
  Set("--", name);
  const uint8_t* was = off.data();
  for (const Region& region : regions) {
    for (size_t i = 0; i < region.size; i++, was++) {
      if (*was == 0 && region.begin[i] == 1) candidates.push_back(region.begin + i);
    }
  }
  for (int round = 1; round < kRounds; round++) {
    Set("--no-", name);
    std::erase_if(candidates, [](const Byte* byte) { return *byte != 0; });
    Set("--", name);
    std::erase_if(candidates, [](const Byte* byte) { return *byte != 1; });
  }
  return candidates.size() == 1 ? candidates.front() : nullptr;
}

}  // namespace

void SwitchOff(const std::string& name) {
  const std::lock_guard lock(switches_mutex);
  const Shown shown;
  const uint32_t before = Hash();
  Set("--no-", name);
  if (Hash() == before) return;  // it was off, or this V8 does not have it
  Byte* const byte = FindByte(name);
  if (byte != nullptr) Hidden().push_back(byte);
  else Set("--no-", name);
}

void HideSwitches() {
  const std::lock_guard lock(switches_mutex);
  const Shown shown;
}

}  // namespace heapproof
