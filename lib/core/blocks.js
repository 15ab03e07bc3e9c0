'use strict'

// Memory to put bodies together in, used again and again. A body that is asked for as text or JSON is in memory for
// as long as it takes to come; to allocate that anew for each costs page faults for every page of it, and the collector
// counts it as pressure: of 64 KiB that cost more than all else of its request.
//
// What is free is held weakly: a full collection takes it, so that none stays behind when there is no traffic.

/** The least that a block has; what is smaller comes out of Buffer's own pool. */
const SMALLEST = 4 * 1024

/** The most that a block has. */
const LARGEST = 1024 * 1024

// Octets in free blocks.
const KEPT = 4 * 1024 * 1024

const ORDERS = Math.log2(LARGEST / SMALLEST) + 1

// Blocks by the powers of two, and how many octets they come to.
let free = new WeakRef(emptyShelves())

function emptyShelves () {
  return { octets: 0, byOrder: Array.from({ length: ORDERS }, () => []) }
}

function orderOf (length) {
  return Math.max(0, 32 - Math.clz32((length - 1) >>> Math.log2(SMALLEST)))
}

/** @returns {Buffer} of at least `length` octets, with anything in them; at most LARGEST are to be asked for */
function take (length) {
  const order = orderOf(length)
  const shelves = free.deref()
  const block = shelves?.byOrder[order].pop()
  if (block === undefined) {
    return Buffer.allocUnsafeSlow(SMALLEST << order)
  }
  shelves.octets -= block.length
  return block
}

/** Gives back a block that nobody else knows. */
function giveBack (block) {
  let shelves = free.deref()
  if (shelves === undefined) {
    shelves = emptyShelves()
    free = new WeakRef(shelves)
  }
  if (shelves.octets + block.length <= KEPT) {
    shelves.octets += block.length
    shelves.byOrder[orderOf(block.length)].push(block)
  }
}

module.exports = { LARGEST, SMALLEST, giveBack, take }
