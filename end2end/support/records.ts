// Made-up people, the same in every run.

const FIRST = ["Ada", "Grace", "Edsger", "Barbara", "Donald", "Frances", "Alan", "Radia", "Niklaus", "Margaret"];
const LAST = ["Lovelace", "Hopper", "Dijkstra", "Liskov", "Knuth", "Allen", "Turing", "Perlman", "Wirth", "Hamilton"];
const STREETS = ["Mill Lane", "Weir Road", "Sluice Street", "Race Way", "Wheel Court", "Dam Avenue"];

/** A CSV with `people` people, every third of them twice, the second time with a slip of the keyboard. */
export function peopleCsv(people: number): string {
  const rows = ["id,first_name,last_name,street,email"];
  for (let person = 0; person < people; person++) {
    const first = FIRST[person % 10] ?? "";
    const last = `${LAST[Math.floor(person / 10) % 10]}${letters(Math.floor(person / 100))}`;
    const street = `${1 + ((person * 37) % 199)} ${STREETS[person % 6]}`;
    const email = `${first}.${last}${person}@example.org`.toLowerCase();
    rows.push(`P${person},${first},${last},${street},${email}`);
    if (person % 3 === 0) {
      rows.push(`Q${person},${first.slice(0, -1)},${last},${street.replace(" ", "  ")},${email}`);
    }
  }
  return `${rows.join("\n")}\n`;
}

/** 0 → "", 1 → "b", 27 → "bb": a name's ending that tells hundreds apart. */
function letters(number: number): string {
  let text = "";
  for (let rest = number; rest > 0; rest = Math.floor(rest / 26)) {
    text = String.fromCharCode(97 + (rest % 26)) + text;
  }
  return text;
}
