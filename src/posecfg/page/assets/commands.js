// Commands that make clips again, as they are typed in a shell.
"use strict";
(() => {
  const P = globalThis.posecfg;

  /** Write a word as a shell takes it, whatever is in it. @param {string} word */
  P.shell = (/** @type {string} */ word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`);

  /**
   * Write the name of a clip so that it stands for that clip only, whatever is in it; see config/quoting.py.
   * @param {string} name
   */
  const one = (name) => {
    if (/^[\p{L}\p{N}_./ -]+$/u.test(name) && !/^(true|false|null)$/i.test(name)) return name;
    const text = name.replace(/(\\*)\$\{/g, (_, slashes) => `${slashes}${slashes}\\\${`);
    const escaped = text.replace(/(\\*)'/g, (_, slashes) => `${slashes}${slashes}\\'`);
    const trailing = /\\*$/.exec(escaped)?.[0] ?? "";
    return `['${escaped}${trailing}']`;
  };

  /**
   * Return the command of a run with another choice of clips, that of a folder's contents where no command is known.
   * @param {number} run
   * @param {string} word
   */
  P.commandWith = (run, word) => `${P.data.runs[run]?.all || "posecfg"} ${P.shell(word)}`;

  /**
   * Return the command that makes a clip of a run again.
   * @param {number} run
   * @param {string} id
   */
  P.command = (run, id) => {
    const { command, all } = P.data.runs[run] ?? {};
    // A run of chosen clips would begin all others if one were chosen to be made again, and no more said.
    return command === all ? P.commandWith(run, `redo=${one(id)}`) : `${P.commandWith(run, `only=${one(id)}`)} redo=true`;
  };
})();
