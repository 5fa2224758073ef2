// Made-up people, the same in every run.

const SYLLABLES = ["ba", "den", "fi", "gor", "hal", "ju", "kem", "lo", "mir", "nu", "pas", "rel", "sto", "ti", "vor", "wen"];
const STREETS = ["Mill Lane", "Weir Road", "Sluice Street", "Race Way", "Wheel Court", "Dam Avenue"];

/** A CSV with `people` people, every third of them twice, the second time with slips of the keyboard. */
export function peopleCsv(people: number): string {
  const draw = randomNumbers();
  const word = () => {
    const text = Array.from({ length: 2 + draw(2) }, () => SYLLABLES[draw(SYLLABLES.length)]).join("");
    return text.charAt(0).toUpperCase() + text.slice(1);
  };
  const rows = ["id,first_name,last_name,street,phone,email"];
  for (let person = 0; person < people; person++) {
    const [first, last] = [word(), word()];
    const street = `${1 + draw(199)} ${STREETS[draw(STREETS.length)]}`;
    const phone = `0${100_000_000 + draw(899_999_999)}`;
    const email = `${first}.${last}@${word()}.example`.toLowerCase();
    rows.push(`P${person},${first},${last},${street},${phone},${email}`);
    if (person % 3 === 0) {
      rows.push(`Q${person},${first.slice(0, -1)},${last},${street.replace(" ", "  ")},${phone},${email}`);
    }
  }
  return `${rows.join("\n")}\n`;
}

/** Numbers below a limit from a linear congruential generator (constants of Numerical Recipes). */
function randomNumbers(): (limit: number) => number {
  let state = 1;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
