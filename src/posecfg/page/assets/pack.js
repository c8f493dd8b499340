// Numbers as the page has them, base64 of deflated differences, back to arrays; see page/packing.py.
"use strict";
(() => {
  const P = (globalThis.posecfg ??= {});

  /** @typedef {{shape: number[], scale: number, zero: number, kind: string, data: string}} Packed */

  /** The bytes of a number, and the number that stands for a missing value, of each kind. */
  const KINDS = {
    i16: { bytes: 2, missing: -32768, view: Int16Array, differences: true },
    i32: { bytes: 4, missing: NaN, view: Int32Array, differences: true },
    u8: { bytes: 1, missing: 255, view: Uint8Array, differences: false },
    f32: { bytes: 4, missing: NaN, view: Float32Array, differences: false },
  };

  /** @param {string} text @returns {Promise<ArrayBuffer>} */
  const inflated = (text) => {
    const letters = atob(text);
    const bytes = new Uint8Array(letters.length);
    for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).arrayBuffer();
  };

  P.pack = {
    /**
     * Unpack numbers; missing ones are NaN. What is damaged is an error whose message is a sentence for readers.
     * @param {Packed} packed
     * @returns {Promise<{shape: number[], values: Float32Array}>}
     */
    decode: async (packed) => {
      const kind = KINDS[/** @type {keyof typeof KINDS} */ (packed?.kind)];
      if (!kind) throw new Error(`Expected packed numbers, but got the kind '${packed?.kind}'.`);
      const shape = packed.shape;
      const count = shape.reduce((product, length) => product * length, 1);
      let buffer;
      try {
        buffer = await inflated(packed.data);
      } catch {
        throw new Error("Packed numbers of this page are damaged: they cannot be inflated.");
      }
      const got = buffer.byteLength / kind.bytes;
      if (got !== count) throw new Error(`Packed numbers of this page are damaged: expected ${count}, but got ${got}.`);
      const numbers = new kind.view(buffer);
      if (kind.differences) {
        // Typed arrays wrap around as the differences did.
        const width = shape[0] ? count / shape[0] : 0;
        for (let i = width; i < count; i++) numbers[i] += numbers[i - width];
      }
      const values = new Float32Array(count);
      const { scale, zero } = packed;
      for (let i = 0; i < count; i++) values[i] = numbers[i] === kind.missing ? NaN : zero + scale * numbers[i];
      return { shape, values };
    },
  };
})();
