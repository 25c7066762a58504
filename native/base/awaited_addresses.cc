#include "awaited_addresses.h"

namespace heapproof {

AwaitedAddresses& awaited_addresses = *new AwaitedAddresses();  // never destroyed: collector threads free to the last

}  // namespace heapproof
