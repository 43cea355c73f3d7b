// In the worker: a file system of one file, which is read over HTTP in ranges. Blocks in sequence
// are fetched together, twice as many each time, and the blocks used last are kept.
"use strict";
const BLOCK = 65536, MOST_AHEAD = 32, MOST_KEPT = 1024;

// Read the file at an address. Throw an error with `whole` if its host gives no parts of files.
function overRanges(address) {
  const kept = new Map();
  let size, tag, next = 0, ahead = 1;
  const get = (from, to) => {
    const request = new XMLHttpRequest();
    request.open("GET", address, false);
    request.responseType = "arraybuffer";
    request.setRequestHeader("range", `bytes=${from}-${to - 1}`);
    request.send();
    const total = Number(/\/(\d+)$/.exec(request.getResponseHeader("content-range"))?.[1]);
    const length = request.response?.byteLength;
    if (request.status !== 206 || !total || length !== Math.min(to, total) - from) {
      throw Object.assign(new Error("This host does not serve parts of files"), {whole: true});
    }
    const now = request.getResponseHeader("etag") ?? request.getResponseHeader("last-modified");
    size ??= total;
    tag ??= now;
    if (size !== total || tag !== now) {
      throw new Error("The knowledge base has changed; load the page again");
    }
    return new Uint8Array(request.response);
  };
  const keep = (number, bytes) => {
    kept.delete(number);
    kept.set(number, bytes);
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
    return bytes;
  };
  const block = number => {
    if (kept.has(number)) return keep(number, kept.get(number));
    ahead = number === next ? Math.min(ahead * 2, MOST_AHEAD) : 1;
    const end = Math.min((number + ahead) * BLOCK, size ?? BLOCK);
    const bytes = get(number * BLOCK, end);
    next = Math.ceil(end / BLOCK);
    for (let part = next - 1; part >= number; part--) {
      keep(part, bytes.slice((part - number) * BLOCK, (part - number + 1) * BLOCK));
    }
    return kept.get(number);
  };
  block(0);
  return {
    size: () => size,
    // Return the bytes from a place on, at most those of one block.
    bytes: (from, length) => block(Math.floor(from / BLOCK))
      .subarray(from % BLOCK, Math.min(BLOCK, from % BLOCK + length)),
  };
}

// Make a file system of SQLite for a file; return an object with its name and the last error.
function fileSystem({capi, wasm, vfs}, file) {
  const io = new capi.sqlite3_io_methods(), disk = new capi.sqlite3_vfs();
  const base = new capi.sqlite3_vfs(capi.sqlite3_vfs_find(null));
  const own = {name: "ranges", error: undefined};
  const ok = () => 0, readOnly = () => capi.SQLITE_READONLY;
  const number = (place, value, type = "i32") => {
    wasm.poke(place, value, type);
    return 0;
  };
  io.$iVersion = 1;
  Object.assign(disk, {
    $iVersion: 2, $szOsFile: capi.sqlite3_file.structInfo.sizeof, $mxPathname: 1024,
    $zName: wasm.allocCString(own.name), $xRandomness: base.$xRandomness, $xSleep: base.$xSleep,
  });
  const xRead = (_, place, length, offset) => {
    try {
      for (let at = Number(offset), end = at + length; at < end;) {
        const part = at < file.size() ? file.bytes(at, end - at) : [];
        if (!part.length) {
          wasm.heap8u().fill(0, place, place + end - at);
          return capi.SQLITE_IOERR_SHORT_READ;
        }
        wasm.heap8u().set(part, place);
        place += part.length;
        at += part.length;
      }
      return 0;
    } catch (error) {
      own.error = error;
      return capi.SQLITE_IOERR_READ;
    }
  };
  vfs.installVfs({
    io: {struct: io, methods: {
      xRead, xWrite: readOnly, xTruncate: readOnly, xClose: ok, xLock: ok, xUnlock: ok, xSync: ok,
      xFileControl: () => capi.SQLITE_NOTFOUND, xSectorSize: () => 8192,
      xDeviceCharacteristics: () => capi.SQLITE_IOCAP_IMMUTABLE,
      xCheckReservedLock: (_, out) => number(out, 0),
      xFileSize: (_, out) => number(out, BigInt(file.size()), "i64"),
    }},
    vfs: {struct: disk, methods: {
      xDelete: readOnly, xGetLastError: ok, xAccess: (_, name, flags, out) => number(out, 0),
      xFullPathname: (_, name, length, out) =>
        wasm.cstrncpy(out, name, length) < length ? 0 : capi.SQLITE_CANTOPEN,
      xCurrentTime: (_, out) => number(out, 2440587.5 + Date.now() / 864e5, "double"),
      xCurrentTimeInt64: (_, out) => number(out, 210866760000000n + BigInt(Date.now()), "i64"),
      xOpen(_, name, opened, flags, out) {
        new capi.sqlite3_file(opened).$pMethods = io.pointer;
        return out ? number(out, capi.SQLITE_OPEN_READONLY) : 0;
      },
    }},
  });
  return own;
}
