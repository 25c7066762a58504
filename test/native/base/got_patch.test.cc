#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <unistd.h>
#include <vector>

#include "../../../native/base/got_patch.h"
#include "test_library.h"

using namespace heapproof;

namespace {

// getppid stands for malloc: nobody else calls it while the tests run.
using GetParent = pid_t();
GetParent* lower_original = nullptr;
GetParent* upper_original = nullptr;
pid_t Lower() { return __atomic_load_n(&lower_original, __ATOMIC_RELAXED)() + 1'000'000; }
pid_t Upper() { return __atomic_load_n(&upper_original, __ATOMIC_RELAXED)() + 100'000'000; }

GotPatch::Import LowerImport(unsigned where) {
  return {"getppid", reinterpret_cast<void*>(&Lower), reinterpret_cast<void**>(&lower_original), where, false};
}
GotPatch::Import UpperImport() {
  return {"getppid", reinterpret_cast<void*>(&Upper), reinterpret_cast<void**>(&upper_original), kExecutable, true};
}

constexpr char kSource[] = R"(
  #include <unistd.h>
  pid_t call(void) { return getppid(); }
  pid_t (*pointer)(void) = getppid;
  pid_t call_pointer(void) { return pointer(); }
)";

constexpr char kCallOnly[] = R"(
  #include <unistd.h>
  pid_t call(void) { return getppid(); }
)";

// Whose table it is decides what is patched, not who is the parent.
const pid_t parent = getppid();

}  // namespace

TEST_CASE("a library's calls are redirected and put back, however it was linked") {
  const char* ways[] = {"-Wl,-z,lazy", "-Wl,-z,now", "-Wl,-z,lazy,-z,norelro", "-Wl,-z,now,-z,norelro", "-fno-plt",
                        "-Wl,-z,lazy -fno-plt"};
  for (const char* flags : ways) {
    for (const bool called_before : {false, true}) {
      CAPTURE(flags);
      CAPTURE(called_before);
      const TestLibrary library("linked", kSource, flags);
      if (called_before) CHECK(library.Get<GetParent>("call")() == parent);
      const auto before = ImportSlots(library.path()), all = BoundSlots();
      GotPatch patch(GotPatch::Level::kLower);
      REQUIRE(patch.Install({LowerImport(kBrought)}) == "");
      CHECK(GotPatch::ChangedSlots() == 2);
      CHECK(library.Get<GetParent>("call")() == parent + 1'000'000);
      CHECK(library.Get<GetParent>("call_pointer")() == parent + 1'000'000);
      CHECK(getppid() == parent);
      CHECK(ImportSlots(library.path()) != before);
      patch.Remove();
      CHECK(ImportSlots(library.path()) == before);
      CHECK(StillHeld(all));
      CHECK(GotPatch::ChangedSlots() == 0);
      CHECK(library.Get<GetParent>("call")() == parent);
      CHECK(library.Get<GetParent>("call_pointer")() == parent);
      patch.Remove();
      CHECK(library.Get<GetParent>("call")() == parent);
    }
  }
}

TEST_CASE("what is not asked for is left alone") {
  const TestLibrary library("linked", kSource, "-Wl,-z,now");
  GotPatch patch(GotPatch::Level::kLower);
  REQUIRE(patch.Install({LowerImport(kExecutable | kRuntime)}) == "");
  CHECK(library.Get<GetParent>("call")() == parent);
  CHECK(getppid() == parent + 1'000'000);
  patch.Remove();
  CHECK(getppid() == parent);

  GotPatch needs(GotPatch::Level::kUpper);
  GotPatch::Import import = UpperImport();
  import.symbol = "a_function_that_nobody_has";
  CHECK(needs.Install({import}) == "this node binary does not import a_function_that_nobody_has");
  CHECK(GotPatch::ChangedSlots() == 0);
}

TEST_CASE("a library that has a function of that name is not told which to use") {
  const struct {
    const char *name, *source, *flags;
    pid_t unpatched, patched;
  } libraries[] = {
      // Its data was bound already, and to the function of the process: so will be its calls.
      {"own", kSource, "-Wl,-z,lazy", parent, parent + 1'000'000},
      // Nothing shows which one it will be.
      {"unknown", kCallOnly, "-Wl,-z,lazy", parent, parent},
      {"own-first", kSource, "-Wl,-z,lazy -Wl,-Bsymbolic", 7, 7},
  };
  for (const auto& [name, source, flags, unpatched, patched] : libraries) {
    CAPTURE(name);
    const TestLibrary library(name, std::string(source) + "pid_t getppid(void) { return 7; }", flags);
    GotPatch patch(GotPatch::Level::kLower);
    REQUIRE(patch.Install({LowerImport(kBrought)}) == "");
    CHECK(library.Get<GetParent>("call")() == patched);
    patch.Remove();
    CHECK(GotPatch::ChangedSlots() == 0);
    CHECK(library.Get<GetParent>("call")() == unpatched);
  }
}

TEST_CASE("libraries come and go while a patch is in place") {
  GotPatch patch(GotPatch::Level::kLower);
  REQUIRE(patch.Install({LowerImport(kBrought)}) == "");
  TestLibrary first("first", kSource, "-Wl,-z,lazy");
  CHECK(first.Get<GetParent>("call")() == parent);  // binds it
  patch.Refresh();
  CHECK(first.Get<GetParent>("call")() == parent + 1'000'000);
  patch.Refresh();
  CHECK(GotPatch::ChangedSlots() == 2);

  first.Close();
  {
    // Likely at the very address of the first.
    const TestLibrary second("second", kSource, "-Wl,-z,now");
    const auto fresh = ImportSlots(second.path());
    patch.Refresh();
    CHECK(second.Get<GetParent>("call")() == parent + 1'000'000);
    patch.Remove();
    CHECK(ImportSlots(second.path()) == fresh);
    CHECK(GotPatch::ChangedSlots() == 0);

    REQUIRE(patch.Install({LowerImport(kBrought)}) == "");
  }
  // Gone with a patched table.
  const TestLibrary third("third", kSource, "-Wl,-z,now -Wl,-z,norelro");
  const auto fresh = ImportSlots(third.path());
  patch.Remove();
  CHECK(ImportSlots(third.path()) == fresh);
  CHECK(GotPatch::ChangedSlots() == 0);
}

TEST_CASE("a loader that binds a call while we patch it wins, until the next look") {
  const TestLibrary library("linked", kSource, "-Wl,-z,lazy");
  auto slots = ImportSlots(library.path());
  GotPatch patch(GotPatch::Level::kLower);
  REQUIRE(patch.Install({LowerImport(kBrought)}) == "");
  void* const real = GotPatch::RealFunction("getppid");
  for (const auto& [slot, held] : slots) {
    if (*slot == reinterpret_cast<void*>(&Lower) && held != real) *slot = real;
  }
  CHECK(library.Get<GetParent>("call")() == parent);
  patch.Refresh();
  CHECK(library.Get<GetParent>("call")() == parent + 1'000'000);
  patch.Remove();
  CHECK(library.Get<GetParent>("call")() == parent);
  CHECK(GotPatch::ChangedSlots() == 0);
}

TEST_CASE("what somebody else has written since stays") {
  const TestLibrary library("linked", kSource, "-Wl,-z,lazy");
  const auto slots = ImportSlots(library.path());
  GotPatch patch(GotPatch::Level::kLower);
  REQUIRE(patch.Install({LowerImport(kBrought)}) == "");
  GetParent* const foreign = [] { return pid_t{42}; };
  void** exchanged = nullptr;
  for (const auto& [slot, held] : slots) {
    // Of the two, the one outside the pages that are protected: the one for calls, in a library that binds lazily.
    if (*slot == reinterpret_cast<void*>(&Lower) && held != GotPatch::RealFunction("getppid")) exchanged = slot;
  }
  REQUIRE(exchanged != nullptr);
  *exchanged = reinterpret_cast<void*>(foreign);
  patch.Remove();
  CHECK(library.Get<GetParent>("call")() == 42);
  CHECK(GotPatch::ChangedSlots() == 0);
  REQUIRE(patch.Install({LowerImport(kBrought)}) == "");
  CHECK(library.Get<GetParent>("call")() == 42);
  patch.Remove();
  *exchanged = GotPatch::RealFunction("getppid");
}

TEST_CASE("two patches share the executable's slot, whatever comes and goes first") {
  GotPatch lower(GotPatch::Level::kLower), upper(GotPatch::Level::kUpper);
  const auto before = BoundSlots();
  const auto install = [](GotPatch& patch, GotPatch::Import import) { REQUIRE(patch.Install({import}) == ""); };
  const pid_t both = parent + 101'000'000;
  for (const bool lower_first : {false, true}) {
    for (const bool lower_leaves_first : {false, true}) {
      CAPTURE(lower_first);
      CAPTURE(lower_leaves_first);
      if (lower_first) install(lower, LowerImport(kExecutable));
      install(upper, UpperImport());
      if (!lower_first) install(lower, LowerImport(kExecutable));
      CHECK(getppid() == both);
      CHECK((upper_original == &Lower));
      (lower_leaves_first ? lower : upper).Remove();
      CHECK(getppid() == parent + (lower_leaves_first ? 100'000'000 : 1'000'000));
      (lower_leaves_first ? upper : lower).Remove();
      CHECK(getppid() == parent);
      CHECK(GotPatch::ChangedSlots() == 0);
    }
  }
  CHECK(StillHeld(before));
}

TEST_CASE("thousands of cycles under calls leave nothing behind") {
  const TestLibrary library("linked", kSource, "-Wl,-z,lazy");
  const TestLibrary other("first", kSource, "-Wl,-z,now");
  auto* const call = library.Get<GetParent>("call");
  std::atomic<bool> going{true};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; i++) {
    threads.emplace_back([&] {
      while (going.load(std::memory_order_relaxed)) {
        const pid_t said = call();
        if (said != parent && said != parent + 1'000'000) wrong++;
      }
    });
  }
  call();
  const auto before = ImportSlots(library.path()), all = BoundSlots();
  GotPatch patch(GotPatch::Level::kLower);
  for (int i = 0; i < 2'000; i++) {
    if (patch.Install({LowerImport(kBrought)}) != "") wrong++;
    patch.Remove();
  }
  going = false;
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(GotPatch::ChangedSlots() == 0);
  CHECK(ImportSlots(library.path()) == before);
  CHECK(StillHeld(all));
}
