export default function Page() {
  return <p>POST a list of four numbers to /predict.</p>;
}
