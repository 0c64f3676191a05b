import { search, space, study } from 'lapicque/study';

export default study({
  name: 'shards',
  space: { x: space.uniform(-5, 10) },
  search: search.random(),
  objective: ({ x }, trial) => {
    trial.report(0, -x);
    return x * x;
  },
});
