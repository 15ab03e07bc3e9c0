'use strict'

// Memory that the engine puts large pieces of bodies into, so that their user gets them without a copy on this
// thread. A slab is lent for one piece. It is lent again if nobody has kept what was in it; otherwise another is lent in
// its place, which is a block that somebody has given back where there is one. Nothing is lent before the first large piece has come.

const blocks = require('../core/blocks')
const { GivenOctets } = require('../core/octets')
const { SLABS, SLAB_OCTETS, LARGE_SLABS, LARGE_SLAB_OCTETS } = require('./layout')

const PLACES = SLABS + LARGE_SLABS

const make = (place) => new GivenOctets(blocks.take(place < SLABS ? SLAB_OCTETS : LARGE_SLAB_OCTETS), true)

class Slabs {
  #lend
  // What is lent, by the places. The engine writes to it, so that it has to stay here.
  #lent = new Array(PLACES).fill(null)

  /** @param {(place: number, slab: Buffer) => void} lend tells the engine of a slab */
  constructor (lend) {
    this.#lend = lend
  }

  /** The engine could use some. */
  wanted () {
    for (let place = 0; place < PLACES; place++) {
      if (this.#lent[place] === null) {
        this.#put(place, make(place))
      }
    }
  }

  /** A piece is in the slab of a place: whoever is told takes it or leaves it before `settle`. */
  take (place) {
    const slab = this.#lent[place]
    this.#lent[place] = null
    return slab
  }

  /** Those who were told have done with the slab of a place. */
  settle (place, slab) {
    this.#put(place, slab.isKept ? make(place) : slab)
  }

  #put (place, slab) {
    this.#lent[place] = slab
    this.#lend(place, slab.octets)
  }
}

module.exports = { Slabs }
