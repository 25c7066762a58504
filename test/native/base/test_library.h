// A shared library made from a few lines of C, beside the test binary, and what is in its import table.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fstream>
#include <map>
#include <string>
#include <unistd.h>

#include "../../../native/base/loaded_object.h"

class TestLibrary {
 public:
  // Compiled once per `name`, source and flags in a run; every object of this class is one dlopen.
  TestLibrary(const std::string& name, const std::string& source, const std::string& flags) {
    path_ = Folder() + "/test-library-" + name + ".so";
    static std::map<std::string, std::string> built;
    if (built[path_] != source + flags) {
      std::ofstream(path_ + ".c") << source;
      const std::string command = "cc -O1 -shared -fPIC -fno-builtin " + flags + " -o " + path_ + " " + path_ + ".c";
      REQUIRE_MESSAGE(std::system(command.c_str()) == 0, command);
      built[path_] = source + flags;
    }
    handle_ = dlopen(path_.c_str(), RTLD_LAZY);
    REQUIRE_MESSAGE(handle_ != nullptr, dlerror());
  }
  ~TestLibrary() { Close(); }
  TestLibrary(const TestLibrary&) = delete;
  TestLibrary& operator=(const TestLibrary&) = delete;

  void Close() {
    if (handle_ != nullptr) dlclose(handle_);
    handle_ = nullptr;
  }

  template <typename Function>
  Function* Get(const char* symbol) const {
    auto* function = reinterpret_cast<Function*>(dlsym(handle_, symbol));
    REQUIRE_MESSAGE((function != nullptr), symbol);
    return function;
  }

  const std::string& path() const { return path_; }
  bool Is(const char* object_path) const { return path_ == object_path; }

 private:
  static std::string Folder() {
    char self[4096] = {};
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    REQUIRE(length > 0);
    return std::string(self, std::string(self).rfind('/'));
  }

  std::string path_;
  void* handle_ = nullptr;
};

using Slots = std::map<void**, void*>;

// What the places of the process that take the address of an imported symbol hold: those of one object, or of all but
// what the loader has still to fill in.
inline Slots ImportSlots(const std::string& path, bool all_bound = false) {
  struct Walk {
    std::string path;
    bool all_bound;
    Slots slots;
  } walk{path, all_bound, {}};
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* data) {
        auto& w = *static_cast<Walk*>(data);
        const heapproof::LoadedObject object(*info);
        if (object.dynamic() == 0 || std::strstr(object.path(), "vdso") != nullptr) return 0;
        if (!w.all_bound && w.path != object.path()) return 0;
        object.ForEachImport([&](const char*, void** slot, bool) {
          void* const held = __atomic_load_n(slot, __ATOMIC_RELAXED);
          if (!w.all_bound || !object.range().Holds(held)) w.slots[slot] = held;
        });
        return 0;
      },
      &walk);
  return walk.slots;
}
inline Slots BoundSlots() { return ImportSlots("", true); }

// All of them still hold what they did; others may have been bound since.
inline bool StillHeld(const Slots& before) {
  const Slots now = BoundSlots();
  for (const auto& [slot, held] : before) {
    const auto found = now.find(slot);
    if (found == now.end() || found->second != held) return false;
  }
  return true;
}
