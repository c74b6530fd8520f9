// Arrays, and what Python sends of them.

const sizeOf = (shape) => shape.reduce((product, size) => product * size, 1);
const largest = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
const smallest = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);

/** The bytes that a DataView looks at. */
const bytesOf = ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength);
