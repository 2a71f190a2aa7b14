// Imports one entry of an installed package and says so. Argument: the entry; none for a bare process. It is
// JavaScript, so that taking types off is not measured.

const entry = process.argv[2];
if (entry !== undefined) await import(entry);
process.stdout.write("done\n");
