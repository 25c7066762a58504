#include "bytecode_sizes.h"

#include "loaded_object.h"

#if defined(__linux__) && defined(__LP64__)

#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace heapproof {

namespace {

constexpr const char* kSymbol = "_ZN2v88internal11interpreter9Bytecodes14kBytecodeSizesE";

struct Table {
  const uint8_t* rows = nullptr;
  size_t size = 0;
};

// The loaded object that a function is in.
struct Home {
  uintptr_t function = 0;
  bool found = false;
  std::string path;  // "" for the executable
  uintptr_t base = 0;
  Table exported;
};

// Not by dladdr, which goes through all symbols of the executable, a hundred thousand.
int FindHome(dl_phdr_info* info, size_t, void* data) {
  auto& home = *static_cast<Home*>(data);
  const LoadedObject object(*info);
  if (!object.range().Holds(home.function)) return 0;
  const LoadedObject::Range table = object.Definition(kSymbol);
  home.found = true;
  home.path = object.path();
  home.base = object.base();
  home.exported = {reinterpret_cast<const uint8_t*>(table.begin), table.end - table.begin};
  return 1;
}

// A file seen as memory, as long as this lives.
class MappedFile {
 public:
  explicit MappedFile(const char* path) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    struct stat status;
    if (fstat(fd, &status) == 0 && status.st_size > 0) {
      void* memory = mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
      if (memory != MAP_FAILED) {
        data_ = static_cast<const uint8_t*>(memory);
        size_ = static_cast<size_t>(status.st_size);
      }
    }
    close(fd);
  }
  ~MappedFile() {
    if (data_ != nullptr) munmap(const_cast<uint8_t*>(data_), size_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  // `count` things of a kind at `offset`, or nullptr when the file does not have them.
  template <typename T>
  const T* At(uint64_t offset, uint64_t count) const {
    if (data_ == nullptr || offset > size_ || count > (size_ - offset) / sizeof(T)) return nullptr;
    return reinterpret_cast<const T*>(data_ + offset);
  }

 private:
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

// The symbol in the file's full table, which is not loaded with the program.
Table NotExported(const char* path, uintptr_t base) {
  Table table;
  const MappedFile file(path);
  const auto* header = file.At<ElfW(Ehdr)>(0, 1);
  if (header == nullptr || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return table;
  const auto* sections = file.At<ElfW(Shdr)>(header->e_shoff, header->e_shnum);
  if (sections == nullptr) return table;
  for (size_t i = 0; i < header->e_shnum; i++) {
    const ElfW(Shdr)& section = sections[i];
    if (section.sh_type != SHT_SYMTAB || section.sh_link >= header->e_shnum) continue;
    const ElfW(Shdr)& names = sections[section.sh_link];
    const size_t count = section.sh_size / sizeof(ElfW(Sym));
    const auto* symbols = file.At<ElfW(Sym)>(section.sh_offset, count);
    const char* text = file.At<char>(names.sh_offset, names.sh_size);
    if (symbols == nullptr || text == nullptr) continue;
    const size_t length = std::strlen(kSymbol) + 1;
    for (size_t s = 0; s < count; s++) {
      // The names of a few objects only are looked at: those of the right kind, and with a size that is thrice something.
      const ElfW(Sym)& symbol = symbols[s];
      if (ELF64_ST_TYPE(symbol.st_info) != STT_OBJECT || symbol.st_size % 3 != 0 || symbol.st_size < 300 ||
          symbol.st_size > 768 || symbol.st_name > names.sh_size - length) {
        continue;
      }
      if (std::memcmp(text + symbol.st_name, kSymbol, length) != 0) continue;
      return {reinterpret_cast<const uint8_t*>(base + symbol.st_value), symbol.st_size};
    }
  }
  return table;
}

}  // namespace

bool BytecodeSizes::Find(const void* function_of_v8) {
  if (found()) return true;
  Home home;
  home.function = reinterpret_cast<uintptr_t>(function_of_v8);
  dl_iterate_phdr(FindHome, &home);
  if (!home.found) return false;
  if (Accept(home.exported.rows, home.exported.size)) return true;
  // The executable has no path of its own in the list of loaded objects.
  const Table hidden = NotExported(home.path.empty() ? "/proc/self/exe" : home.path.c_str(), home.base);
  return Accept(hidden.rows, hidden.size);
}

}  // namespace heapproof

#else

namespace heapproof {
bool BytecodeSizes::Find(const void*) { return false; }
}  // namespace heapproof

#endif

namespace heapproof {

namespace {
// The first opcodes in every release: operands of double width follow, of fourfold width; the same two for debugging.
constexpr uint8_t kWide = 0, kExtraWide = 1, kDebugBreakWide = 2, kDebugBreakExtraWide = 3;
constexpr size_t kFewestOpcodes = 100, kLongestInstruction = 64;
}  // namespace

bool BytecodeSizes::Accept(const uint8_t* rows, size_t size) {
  const size_t opcodes = size / 3;
  if (rows == nullptr || size % 3 != 0 || opcodes < kFewestOpcodes || opcodes > 256) return false;
  const uint8_t* wide = rows + opcodes;
  const uint8_t* extra_wide = wide + opcodes;
  for (size_t i = 0; i < opcodes; i++) {
    const int grows = wide[i] - rows[i];
    if (rows[i] == 0 || grows < 0 || extra_wide[i] - wide[i] != 2 * grows || extra_wide[i] > kLongestInstruction) return false;
    if (i <= kDebugBreakExtraWide && extra_wide[i] != 1) return false;
  }
  rows_ = rows;
  opcodes_ = opcodes;
  return true;
}

size_t BytecodeSizes::At(const uint8_t* code, size_t left) const {
  if (left == 0) return 0;
  size_t row = 0, prefix = 0;
  if (*code == kWide || *code == kDebugBreakWide) row = 1;
  if (*code == kExtraWide || *code == kDebugBreakExtraWide) row = 2;
  if (row != 0) prefix = 1;
  if (prefix >= left || code[prefix] >= opcodes_) return 0;
  const size_t length = prefix + rows_[row * opcodes_ + code[prefix]];
  return length <= left ? length : 0;
}

}  // namespace heapproof
