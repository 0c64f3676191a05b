import { shot, readShots, Goalie, low, high } from './support/football-table.mjs';
import { shotBank } from './support/shot-bank.mjs';
const N=Number(process.argv[2]??60); const file=process.argv[3];
const shots=file?(await readShots(file)).slice(0,N):Array.from({length:N},(_,i)=>shot(1000+i));
for (const o of JSON.parse(process.argv[4]??'[{}]')) {
  const eye=await shotBank(o); let saved=0, first=[], right=[], ops=0, sp=0, none=0; const t0=Date.now();
  for(const s of shots){ eye.reset(); const g=new Goalie(); let f, r; s.steps.forEach((e,k)=>{ const out=eye.push(e); ops+=out.operations; sp+=out.spikes; if(out.target!==undefined&&f===undefined) f=k; if(out.target!==undefined){ if(Math.abs(out.target-s.y)<.03) r??=k; else r=undefined; } g.step(out.target??.35); }); if(g.saves(s.y)) saved++; if(f===undefined) none++; first.push(f??1e3); right.push(r??s.steps.length); }
  first.sort((a,b)=>a-b); right.sort((a,b)=>a-b);
  console.log(JSON.stringify(o),'saves',(saved/N).toFixed(3),'none',none,'first',first[N>>1],'right med',right[N>>1],'ops/shot',(ops/N).toFixed(0),'spikes',(sp/N).toFixed(0),'ms/shot',((Date.now()-t0)/N).toFixed(0));
  eye.dispose();
}
